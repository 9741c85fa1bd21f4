import { findPython } from './python.ts';
import { runCommand } from './run-command.ts';
import type { ServerName } from './server.ts';

export interface Prerequisite {
  readonly command: string;
  readonly args: readonly string[];
  /** Finds the version in the output, as numbers to compare with `atLeast`. */
  readonly version: RegExp;
  readonly atLeast: readonly number[];
  readonly remedy: string;
}

export const JAVA: Prerequisite = {
  command: 'java',
  args: ['--version'],
  version: /(?:openjdk|java) (\d+)/,
  atLeast: [17],
  remedy: 'Install a JDK >= 17 (Debian: apt install openjdk-17-jdk-headless) and put java on PATH.',
};

export const MAVEN: Prerequisite = {
  command: 'mvn',
  args: ['--version'],
  version: /Apache Maven (\d+)\.(\d+)/,
  atLeast: [3, 6],
  remedy: 'Install Maven >= 3.6 (Debian: apt install maven) and put mvn on PATH.',
};

export const PYTHON: Prerequisite = {
  command: 'python3',
  args: ['--version'],
  version: /Python (\d+)\.(\d+)/,
  atLeast: [3, 8],
  remedy: 'Install Python >= 3.8 (Debian: apt install python3) and put python3 on PATH.',
};

export const APT: Prerequisite = {
  command: 'apt-get',
  args: ['--version'],
  version: /apt (\d+)\.(\d+)/,
  atLeast: [1, 8],
  remedy: 'MySQL is unpacked from Debian packages: use a Debian-like host, or leave --mysql out.',
};

export const DPKG: Prerequisite = {
  command: 'dpkg-deb',
  args: ['--version'],
  version: /version (\d+)\.(\d+)/,
  atLeast: [1, 18],
  remedy: APT.remedy,
};

export const OPENSSL: Prerequisite = {
  command: 'openssl',
  args: ['version'],
  version: /(?:Open|Libre)SSL (\d+)\.(\d+)/,
  atLeast: [1, 1],
  remedy: 'Tests of TLS make certificates: install openssl (Debian: apt install openssl).',
};

export const GO: Prerequisite = {
  command: 'go',
  args: ['version'],
  version: /go(\d+)\.(\d+)/,
  atLeast: [1, 22],
  remedy:
    'The local servers of GCS and S3 are built from source: install Go >= 1.22 (Debian: apt install golang-go) and put go on PATH.',
};

/** A program that is looked for in more places than PATH. */
export interface Findable {
  readonly find: () => Promise<string | null>;
  readonly remedy: string;
}

export const PYTHON_313: Findable = {
  find: findPython,
  remedy:
    'No Python >= 3.13 with venv is to be found, on PATH or under a version manager. The BigQuery emulator runs on it: install one (Debian 13: apt install python3-venv; elsewhere: pyenv install 3.13).',
};

export type Needed = Prerequisite | Findable;

/** What runs a server, which a full cache does not replace. */
export const RUN_WITH: Readonly<Record<ServerName, readonly Needed[]>> = {
  kafka: [JAVA],
  registry: [JAVA],
  mariadb: [],
  mysql: [],
  clickhouse: [PYTHON],
  gcs: [],
  s3: [],
  bigquery: [PYTHON_313],
  questdb: [JAVA],
};

/** Fails with one sentence for each program that is missing or too old. */
export async function require(prerequisites: Iterable<Needed>): Promise<void> {
  const answers = await Promise.all([...new Set(prerequisites)].map(problemWith));
  const problems = answers.filter((answer) => answer !== null);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

export async function problemWith(one: Needed): Promise<string | null> {
  if ('find' in one) return (await one.find()) === null ? one.remedy : null;
  let output: string;
  try {
    output = await runCommand(one.command, one.args);
  } catch {
    return `${one.command} is not to be found, or does not run. ${one.remedy}`;
  }
  const found = one.version.exec(output)?.slice(1).map(Number);
  if (found === undefined) return `${one.command} does not tell its version. ${one.remedy}`;
  if (isAtLeast(found, one.atLeast)) return null;
  return `${one.command} is version ${found.join('.')}, needed is ${one.atLeast.join('.')}. ${one.remedy}`;
}

export function isAtLeast(found: readonly number[], wanted: readonly number[]): boolean {
  for (const [index, number] of wanted.entries()) {
    const have = found[index] ?? 0;
    if (have !== number) return have > number;
  }
  return true;
}
