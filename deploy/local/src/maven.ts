import { writeIn } from './cache.ts';
import { JAVA, MAVEN, require } from './prerequisites.ts';
import { runCommand } from './run-command.ts';
import type { Say } from './server.ts';

/** Downloads large enough to wait for, without where they come from. */
const PROGRESS = /^Downloaded .*\/([^/]+ \([\d.]+ (?:MB|\d{3} kB) at [^)]+\))/;

/** `group:artifact:version[:type[:classifier]]` */
export type Coordinates = string;

/** Copies artifacts with everything they need at run time into `folder`. */
export async function mavenLibraries(
  artifacts: readonly Coordinates[],
  folder: string,
  say: Say,
): Promise<void> {
  await require([JAVA, MAVEN]);
  const dependencies = artifacts
    .map((one) => {
      const [groupId, artifactId, version] = one.split(':');
      return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
    })
    .join('');
  await writeIn(folder, 'pom.xml', pom(`<dependencies>${dependencies}</dependencies>`));
  await maven(
    ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}/lib`],
    folder,
    say,
  );
}

/** Copies one artifact, as it is, into `folder`. */
export async function mavenFile(artifact: Coordinates, folder: string, say: Say): Promise<void> {
  await require([JAVA, MAVEN]);
  // A pom must be here, or Maven 3.8 insists on the artifact's own parent, which may be nowhere.
  await writeIn(folder, 'pom.xml', pom(''));
  await maven(
    ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
    folder,
    say,
  );
}

async function maven(args: readonly string[], folder: string, say: Say): Promise<void> {
  await runCommand('mvn', ['-B', ...args], {
    cwd: folder,
    progress: { say, match: PROGRESS },
  });
}

function pom(content: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>scoreline</groupId><artifactId>local</artifactId><version>1</version>${content}</project>\n`;
}
