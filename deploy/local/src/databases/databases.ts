import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Database, type DatabaseOptions } from './database.ts';
import { newFolder, removeLeftoverDatabases } from './leftovers.ts';

/** The database servers of one test file, each in a folder of its own under one that goes with them. */
export class Databases {
  readonly #all: Database[] = [];
  #dir: Promise<string> | undefined;
  #started = 0;

  /** The folder that `destroy` deletes. */
  dir(): Promise<string> {
    this.#dir ??= removeLeftoverDatabases().then(newFolder);
    return this.#dir;
  }

  /** Starts one more. Each has a server id of its own unless it is given one. */
  async start(options: Omit<DatabaseOptions, 'dir'>): Promise<Database> {
    const number = ++this.#started;
    const dir = join(await this.dir(), `${options.flavour}-${number}`);
    const database = new Database({ serverId: 100 + number, ...options, dir });
    this.#all.push(database);
    await database.start();
    return database;
  }

  /** A primary and its replica, which has caught up. */
  async pair(
    options: Omit<DatabaseOptions, 'dir'>,
  ): Promise<{ readonly primary: Database; readonly replica: Database }> {
    const [primary, replica] = await Promise.all([this.start(options), this.start(options)]);
    await replica.replicateFrom(primary);
    await replica.caughtUp();
    return { primary, replica };
  }

  /** Their data go with them: an orderly end, which takes MySQL seconds, would save nothing. */
  async destroy(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((one) => one.kill()));
    if (this.#dir !== undefined) await rm(await this.#dir, { recursive: true, force: true });
    this.#dir = undefined;
  }
}
