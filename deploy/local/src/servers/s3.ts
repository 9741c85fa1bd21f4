import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, isCached } from '../cache.ts';
import { goProgram } from '../go.ts';
import { GO, type Needed } from '../prerequisites.ts';
import { s3Request } from '../s3-request.ts';
import { ServerBase } from './server-base.ts';

const VERSION = '1.8.0';
const BUCKET = 'scoreline';
const REGION = 'us-east-1';
/** Of a server that listens on 127.0.0.1 only and is gone with its folder. */
const ACCESS_KEY_ID = 'scoreline';
const SECRET_ACCESS_KEY = 'scoreline-secret';
/** Its folder of the cache. */
const CACHED = `versitygw-${VERSION}`;

/** Versity S3 Gateway: S3's interface over a folder. */
export class S3Server extends ServerBase {
  readonly name = 's3';
  readonly installer = 'go';
  protected override readonly ports = ['http'];

  override async needs(): Promise<readonly Needed[]> {
    return (await isCached(CACHED)) ? super.needs() : [GO];
  }

  override async install(): Promise<void> {
    await this.#program();
  }

  override endpoints(): Readonly<Record<string, string>> {
    return {
      S3_ENDPOINT: `http://127.0.0.1:${this.port('http')}`,
      S3_BUCKET: BUCKET,
      S3_ACCESS_KEY_ID: ACCESS_KEY_ID,
      S3_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      S3_REGION: REGION,
    };
  }

  override async ready(): Promise<boolean> {
    return (await this.#ask('GET', '/')) === 200;
  }

  protected override async launch(signal: AbortSignal | undefined): Promise<void> {
    const data = join(this.dir, 'data');
    // What objects carry beside their bytes: extended attributes are not had on every file system.
    const sidecar = join(this.dir, 'metadata');
    await mkdir(data, { recursive: true });
    await mkdir(sidecar, { recursive: true });
    await this.process.launch({
      command: await this.#program(),
      args: [
        '--port',
        `127.0.0.1:${this.port('http')}`,
        '--region',
        REGION,
        'posix',
        '--sidecar',
        sidecar,
        data,
      ],
      env: { ROOT_ACCESS_KEY: ACCESS_KEY_ID, ROOT_SECRET_KEY: SECRET_ACCESS_KEY },
      port: this.port('http'),
      ready: () => this.ready(),
      signal,
    });
    const status = await this.#ask('PUT', `/${BUCKET}`);
    if (status !== 200 && status !== 409) {
      throw new Error(`creating the bucket ${BUCKET} was answered with ${status ?? 'nothing'}`);
    }
  }

  /** The status of the answer, null without one. */
  async #ask(method: string, path: string): Promise<number | null> {
    try {
      const response = await s3Request(this.endpoints(), { method, path });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  async #program(): Promise<string> {
    const folder = await cached(CACHED, this.say, (target) =>
      goProgram(`github.com/versity/versitygw/cmd/versitygw@v${VERSION}`, target, this.say),
    );
    return join(folder, 'versitygw');
  }
}
