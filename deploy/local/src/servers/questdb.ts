import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached } from '../cache.ts';
import { mavenFile } from '../maven.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '9.0.3';

/** QuestDB, for the example of a sink of one's own: SQL and rows over HTTP, and nothing else switched on. */
export class QuestdbServer extends ServerBase {
  readonly name = 'questdb';
  readonly installer = 'maven';
  protected override readonly ports = ['http'];

  override async install(): Promise<void> {
    await this.#jar();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return { QUESTDB_URL: `http://127.0.0.1:${this.port('http')}` };
  }

  override async ready(): Promise<boolean> {
    try {
      const url = `${this.endpoints()['QUESTDB_URL']}/exec?query=SELECT+1`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const root = join(this.dir, 'data');
    await mkdir(join(root, 'conf'), { recursive: true });
    await writeFile(join(root, 'conf/server.conf'), this.#config());
    await this.process.launch({
      command: 'java',
      args: [
        '-Xmx256m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        '-p',
        await this.#jar(),
        '-m',
        'io.questdb/io.questdb.ServerMain',
        '-d',
        root,
        '-n',
      ],
      env: { QDB_LOG_W_STDOUT_LEVEL: 'ERROR,CRITICAL,ADVISORY' },
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
    });
  }

  #config(): string {
    return `http.bind.to=127.0.0.1:${this.port('http')}
http.min.enabled=false
pg.enabled=false
line.tcp.enabled=false
telemetry.enabled=false
shared.worker.count=2
cairo.commit.mode=sync
dev.mode.enabled=true
`;
  }

  async #jar(): Promise<string> {
    const folder = await cached(`questdb-${VERSION}`, this.say, (target) =>
      mavenFile(`org.questdb:questdb:${VERSION}`, target, this.say),
    );
    return join(folder, `questdb-${VERSION}.jar`);
  }
}
