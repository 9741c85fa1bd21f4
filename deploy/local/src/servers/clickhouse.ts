import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached } from '../cache.ts';
import { PYTHON, require } from '../prerequisites.ts';
import { runCommand } from '../run-command.ts';
import type { ServerOptions } from '../server.ts';
import { ServerBase } from './server-base.ts';

/** Of the npm package with ClickHouse as a library; `version()` says 26.7.2.1. */
const VERSION = '26.7.3-stable.1';
const DATABASE = 'ntp';

export interface ClickhouseOptions extends ServerOptions {
  /** As in ClickHouse's users.xml; without any, `default` may do everything. */
  readonly access?: { readonly users: string; readonly profiles: string };
  /** With a Keeper of its own, in its memory: replicated tables can be made, and stay read-only. */
  readonly keeper?: boolean;
}

/** ClickHouse, out of libchdb.so, whose exported main is clickhouse-local's; that can listen. */
export class ClickhouseServer extends ServerBase {
  readonly name = 'clickhouse';
  readonly installer = 'npm';
  protected override readonly ports = ['http', 'tcp'];
  readonly #access: ClickhouseOptions['access'];
  readonly #keeper: boolean;

  constructor({ access, keeper = false, ...options }: ClickhouseOptions) {
    super(options);
    this.#access = access;
    this.#keeper = keeper;
  }

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
    if (this.#access) await writeFile(join(this.dir, 'users.xml'), usersXml(this.#access));
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
    if (this.#access) return;
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
    const users = this.#access ? USER_DIRECTORIES.replace('DIR', this.dir) : '';
    return `<clickhouse>
  <http_port>${this.port('http')}</http_port>
  <tcp_port>${this.port('tcp')}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <logger><level>warning</level><console>1</console></logger>
  <format_schema_path>${this.dir}/format_schemas/</format_schema_path>
  <query_log><database>system</database><table>query_log</table><flush_interval_milliseconds>1000</flush_interval_milliseconds></query_log>${users}${this.#keeper ? KEEPER : ''}
</clickhouse>
`;
  }
}

const KEEPER = `
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
  <macros><shard>01</shard><replica>r1</replica></macros>`;

const USER_DIRECTORIES = `
  <user_directories><users_xml><path>DIR/users.xml</path></users_xml></user_directories>`;

/** `default` runs the query that keeps the server up, and may do nothing else. */
function usersXml({ users, profiles }: NonNullable<ClickhouseOptions['access']>): string {
  return `<clickhouse>
  <profiles><default/>${profiles}</profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT SELECT ON system.numbers</query></grants>
    </default>
    ${users}
  </users>
</clickhouse>
`;
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
