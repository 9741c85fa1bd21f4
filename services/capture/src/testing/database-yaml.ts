import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { parseDsn } from '@scoreline/database';

/** A database.yaml of a test's own, which names one server after the other. */
export class DatabaseYaml {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async create(t: TestContext, dsn: string): Promise<DatabaseYaml> {
    const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
    t.after(() => rm(dir, { recursive: true }));
    const file = new DatabaseYaml(dir);
    await file.write(dsn);
    return file;
  }

  /** Of a service that reads it. */
  get settings(): Readonly<Record<string, string>> {
    return { database_dsn: '', secrets_path: this.#dir, database_reload_interval: '200ms' };
  }

  /** As an operator does it: another file under its name. */
  async write(dsn: string): Promise<void> {
    const { host, port, database, user, password } = parseDsn(dsn);
    const mysql = { dsn: `tcp(${host}:${port})/${database}`, user, pass: password };
    const file = join(this.#dir, 'database.yaml');
    await writeFile(`${file}.tmp`, JSON.stringify({ mysql }));
    await rename(`${file}.tmp`, file);
  }
}
