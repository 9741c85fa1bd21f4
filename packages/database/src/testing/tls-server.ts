import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Authority, type Database, Databases, type ServerTls } from '@scoreline/local';
import { loadConfig, serviceSettings, withRule } from '@scoreline/service';
import { z } from 'zod';

import { databaseRule, databaseSettings } from '../settings.ts';
import { type Source, sourceOf } from '../source.ts';
import type { SqlServerName } from './servers.ts';

const SETTINGS = withRule(z.object({ ...serviceSettings, ...databaseSettings }), databaseRule);

/** A server that shows one certificate now and another one later, and an authority that is trusted. */
export class TlsServer {
  readonly database: Database;
  readonly authority: Authority;
  readonly #shown: ServerTls;

  private constructor(database: Database, authority: Authority, shown: ServerTls) {
    this.database = database;
    this.authority = authority;
    this.#shown = shown;
  }

  static async start(servers: Databases, flavour: SqlServerName): Promise<TlsServer> {
    const dir = await servers.dir();
    const authority = await Authority.create(join(dir, 'ca'));
    const folder = join(dir, 'shown');
    await mkdir(folder);
    const shown = { ca: authority.file, cert: join(folder, 'c.pem'), key: join(folder, 'k.pem') };
    await copy(await authority.issue('localhost'), shown);
    const database = await servers.start({ flavour, tls: shown });
    return new TlsServer(database, authority, shown);
  }

  /** What a service makes of its settings, with the server under the name localhost. */
  source(tls: string, settings: Readonly<Record<string, string>> = {}): Source {
    const dsn = this.database.dsn.replace('127.0.0.1', 'localhost');
    const env = { database_dsn: `${dsn}?tls=${tls}`, secrets_path: '/nonexistent', ...settings };
    return sourceOf(loadConfig(SETTINGS, env));
  }

  /** To connections that are made from now on. */
  async show(tls: ServerTls): Promise<void> {
    await copy(tls, this.#shown);
    const { flavour } = this.database;
    await this.database.run(flavour === 'mysql' ? 'ALTER INSTANCE RELOAD TLS' : 'FLUSH SSL');
  }
}

async function copy(from: ServerTls, to: ServerTls): Promise<void> {
  await copyFile(from.cert, to.cert);
  await copyFile(from.key, to.key);
}
