import { join } from 'node:path';

import { cached, isCached } from '../cache.ts';
import { goProgram } from '../go.ts';
import { GO, type Needed } from '../prerequisites.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '1.56.1';
const PROJECT = 'scoreline';
const BUCKET = 'scoreline';
/** Its folder of the cache. */
const CACHED = `fake-gcs-server-${VERSION}`;

/** fake-gcs-server: Google Cloud Storage's JSON interface over a folder. */
export class GcsServer extends ServerBase {
  readonly name = 'gcs';
  readonly installer = 'go';
  protected override readonly ports = ['http'];

  /** A folder for each bucket, and in it a file for each object. */
  get dataDir(): string {
    return join(this.dir, 'data');
  }

  override async needs(): Promise<readonly Needed[]> {
    return (await isCached(CACHED)) ? super.needs() : [GO];
  }

  override async install(): Promise<void> {
    await this.#program();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return { GCS_ENDPOINT: `http://127.0.0.1:${this.port('http')}`, GCS_BUCKET: BUCKET };
  }

  override async ready(): Promise<boolean> {
    return (await this.#ask('GET', '/storage/v1/b')) === 200;
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const address = `127.0.0.1:${this.port('http')}`;
    const options = {
      scheme: 'http',
      host: '127.0.0.1',
      port: String(this.port('http')),
      backend: 'filesystem',
      'filesystem-root': this.dataDir,
      // Where it tells clients to send the rest of a resumable upload.
      'external-url': `http://${address}`,
      'public-host': address,
    };
    await this.process.launch({
      command: await this.#program(),
      args: Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]),
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
    });
    const status = await this.#ask('POST', '/storage/v1/b', { name: BUCKET });
    if (status !== 200 && status !== 409) {
      throw new Error(`creating the bucket ${BUCKET} was answered with ${status ?? 'nothing'}`);
    }
  }

  /** The status of the answer, null without one. */
  async #ask(method: string, path: string, body?: object): Promise<number | null> {
    try {
      const response = await fetch(
        `http://127.0.0.1:${this.port('http')}${path}?project=${PROJECT}`,
        {
          method,
          headers: { 'content-type': 'application/json' },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.timeout(5_000),
        },
      );
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  async #program(): Promise<string> {
    const folder = await cached(CACHED, this.say, (target) =>
      goProgram(`github.com/fsouza/fake-gcs-server@v${VERSION}`, target, this.say),
    );
    return join(folder, 'fake-gcs-server');
  }
}
