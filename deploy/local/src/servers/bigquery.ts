import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached } from '../cache.ts';
import { PYTHON_313 } from '../prerequisites.ts';
import { runCommand } from '../run-command.ts';
import type { ServerOptions } from '../server.ts';
import type { GcsServer } from './gcs.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '0.4.0';
const PROJECT = 'scoreline';

/** local-bigquery: BigQuery's REST interface over DuckDB. `gs://` is the folder of the stack's GCS. */
export class BigqueryServer extends ServerBase {
  readonly name = 'bigquery';
  readonly installer = 'pip';
  protected override readonly ports = ['http', 'grpc'];
  readonly #gcs: GcsServer;

  constructor(options: ServerOptions, gcs: GcsServer) {
    super(options);
    this.#gcs = gcs;
  }

  override async install(): Promise<void> {
    await this.#environment();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return {
      BIGQUERY_ENDPOINT: `http://127.0.0.1:${this.port('http')}`,
      BIGQUERY_PROJECT: PROJECT,
      // With what the server is made of, fastavro among it: another reader of what sinks write.
      BIGQUERY_PYTHON: join(this.#linked, 'bin/python'),
    };
  }

  override async ready(): Promise<boolean> {
    try {
      const response = await fetch(
        `http://127.0.0.1:${this.port('http')}/bigquery/v2/projects/${PROJECT}/datasets`,
        { signal: AbortSignal.timeout(5_000) },
      );
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const environment = await this.#environment();
    const temporary = join(this.dir, 'tmp');
    for (const folder of [this.#gcs.dataDir, temporary]) await mkdir(folder, { recursive: true });
    const options = {
      host: '127.0.0.1',
      port: String(this.port('http')),
      'grpc-port': String(this.port('grpc')),
      project: PROJECT,
      'data-dir': join(this.dir, 'data'),
    };
    await rm(this.#linked, { force: true });
    await symlink(environment, this.#linked);
    await this.process.launch({
      command: join(environment, 'bin/python'),
      args: [
        '-I',
        '-u',
        ours('serve.py'),
        'serve',
        ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      env: { ...home(environment), GCS_LOCAL_ROOT: this.#gcs.dataDir, TMPDIR: temporary },
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
    });
  }

  /** The environment at a place that is known before it is there. */
  get #linked(): string {
    return join(this.dir, 'python');
  }

  /** A virtual environment in the cache, named after all that is in it and the Python that it stands on. */
  async #environment(): Promise<string> {
    const python = await PYTHON_313.find();
    if (python === null) throw new Error(PYTHON_313.remedy);
    const requirements = ours('requirements.txt');
    const key = createHash('sha256')
      .update(await readFile(requirements))
      .update(python)
      .digest('hex')
      .slice(0, 8);
    return cached(`bigquery-${VERSION}-${key}`, this.say, async (target) => {
      await runCommand(python, ['-m', 'venv', target]);
      const own = join(target, 'bin/python');
      // Everything is in the list, and local-bigquery asks for an older DuckDB: no dependency is looked up.
      await runCommand(
        own,
        [
          '-m',
          'pip',
          'install',
          '--no-deps',
          '--no-cache-dir',
          '--no-input',
          '--disable-pip-version-check',
          '--requirement',
          requirements,
        ],
        { progress: { say: this.say, match: /^ *Downloading (\S+ \([\d.]+ MB\))/ } },
      );
      await mkdir(join(target, 'home'));
      await runCommand(own, ['-I', ours('fetch_extensions.py')], { env: home(target) });
    });
  }
}

/** DuckDB keeps its extensions in the home folder, and finds no other's there. */
function home(environment: string): { readonly HOME: string } {
  return { HOME: join(environment, 'home') };
}

function ours(name: string): string {
  return fileURLToPath(new URL(`../../bigquery/${name}`, import.meta.url));
}
