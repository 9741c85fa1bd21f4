import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached } from '../cache.ts';
import { PYTHON, require } from '../prerequisites.ts';
import { runCommand } from '../run-command.ts';
import { ServerBase } from './server-base.ts';

/** Of the npm package with ClickHouse as a library; `version()` says 26.7.2.1. */
const VERSION = '26.7.3-stable.1';
const DATABASE = 'ntp';

/** ClickHouse, out of libchdb.so, whose exported main is clickhouse-local's; that can listen. */
export class ClickhouseServer extends ServerBase {
  readonly name = 'clickhouse';
  readonly installer = 'npm';
  protected override readonly ports = ['http', 'tcp'];

  override async install(): Promise<void> {
    await this.#library();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return {
      CH_DSN: `tcp://127.0.0.1:${this.port('tcp')}/${DATABASE}`,
      CH_HTTP_URL: `http://127.0.0.1:${this.port('http')}`,
    };
  }

  override async ready(): Promise<boolean> {
    return (await this.#ask('SELECT 1')) === '1\n';
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    await require([PYTHON]);
    const library = await this.#library();
    await mkdir(join(this.dir, 'data'), { recursive: true });
    await writeFile(join(this.dir, 'config.xml'), this.#config());
    await writeFile(join(this.dir, 'serve.py'), LAUNCHER);
    await this.process.launch({
      command: 'python3',
      args: [
        join(this.dir, 'serve.py'),
        library,
        '--config-file',
        join(this.dir, 'config.xml'),
        '--path',
        join(this.dir, 'data'),
        '--query',
        SERVE,
      ],
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
    });
    await this.#ask(`CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`);
  }

  async #ask(query: string): Promise<string | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port('http')}/`, {
        method: 'POST',
        body: query,
        signal: AbortSignal.timeout(5_000),
      });
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  async #library(): Promise<string> {
    const folder = await cached(`clickhouse-${VERSION}`, this.say, async (target) => {
      this.say('  172 MB to download');
      await writeFile(join(target, 'package.json'), '{"private":true}');
      await runCommand(
        'npm',
        // The prefix by name: under `npm run` another one may be in the environment.
        [
          'install',
          '--prefix',
          target,
          '--no-audit',
          '--no-fund',
          '--no-save',
          `@chdb/lib-linux-x64-gnu@${VERSION}`,
        ],
        { cwd: target },
      );
    });
    return join(folder, 'node_modules/@chdb/lib-linux-x64-gnu/libchdb.so');
  }

  #config(): string {
    return `<clickhouse>
  <http_port>${this.port('http')}</http_port>
  <tcp_port>${this.port('tcp')}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <logger><level>warning</level><console>1</console></logger>
  <format_schema_path>${this.dir}/format_schemas/</format_schema_path>
  <query_log><database>system</database><table>query_log</table><flush_interval_milliseconds>1000</flush_interval_milliseconds></query_log>
</clickhouse>
`;
  }
}

const SERVE =
  'SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT sleepEachRow(3) FROM system.numbers SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0 FORMAT Null';

/** Node's foreign function libraries call on a stack of their own, on which this library crashes; Python's do not. */
const LAUNCHER = `import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
args = [b"clickhouse-local"] + [arg.encode() for arg in sys.argv[2:]]
argv = (ctypes.c_char_p * (len(args) + 1))(*args, None)
lib.chdb_query_cmdline.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
lib.chdb_query_cmdline(len(args), argv)
`;
