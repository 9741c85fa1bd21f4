import assert from 'node:assert/strict';
import path from 'node:path';

import type { Servers } from '../bad-input/servers.ts';
import type { Settings } from '../faults/fault.ts';
import { query } from '../harness/mysql.ts';
import { complaints } from '../purge/oracle.ts';
import { purgeRecords } from '../purge/purge-records.ts';
import { PurgeScene } from '../purge/scene.ts';
import type { InsertOptions } from '../purge/source-rows.ts';
import { Archiver } from './archiver.ts';
import { clickhouseRows, fileRows, keptValues, sourceRows } from './kept-values.ts';

const ARCHIVES = ['clickhouse', 'file'] as const;

/** The archiver's database and archives, what takes over from it, and who remembers every row. */
export class CutOverScene {
  readonly purge: PurgeScene;
  readonly archiver: Archiver;
  readonly #before = new Map<number, bigint>();
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
    this.purge = new PurgeScene(servers, { name: 'cut-over', archives: ARCHIVES });
    const { table, database } = this.purge;
    const { adminDsn } = table;
    this.archiver = new Archiver({ servers, adminDsn, database, folder: this.#files });
  }

  get #files(): string {
    return path.join(this.purge.folder, 'files');
  }

  async insert(from: number, count: number, options: InsertOptions): Promise<void> {
    await this.purge.table.insert(count, { from, ...options });
    await this.remember();
  }

  /** So that what the source holds now is known when it is gone. */
  async remember(): Promise<void> {
    const rows = await sourceRows(this.purge.table.adminDsn);
    for (const [id, hash] of keptValues(rows).hashes) this.#before.set(id, hash);
  }

  async sql(statement: string): Promise<void> {
    await query(this.purge.table.adminDsn, statement);
  }

  /** Capture, from the source's first row. */
  async capture(): Promise<void> {
    await this.purge.capture.start();
    await this.purge.capture.ready();
  }

  /** The sink in the archiver's place, until it has landed everything; then as it runs ever after. */
  async takeOver(name: (typeof ARCHIVES)[number]): Promise<void> {
    // The first is for as long as the table is the archiver's, the second for one start.
    const own: Settings = name === 'clickhouse' ? { ch_existing_table: 'migrate' } : {};
    const first = this.purge.sink(name, { ...own, existing_rows: 'anti-join' });
    this.purge.sinks.set(name, this.purge.sink(name, own));
    await first.start();
    await first.ready();
    await this.purge.landed([name]);
    assert.equal((await first.stop()).code, 0, first.output);
    await this.purge.sinkAgain(name);
    const audit = await this.purge.sink(name, own).run(['--audit']);
    assert.equal(audit.code, 0, audit.output);
  }

  /** Nothing of ours runs any more. */
  async stop(): Promise<void> {
    const { sinks, capture } = this.purge;
    for (const service of [...sinks.values(), capture])
      assert.equal((await service.stop()).code, 0, service.output);
  }

  /** Longer than any archiver pauses: those whose rows have not moved since count as stopped. */
  async daysPass(): Promise<void> {
    await this.sql(
      "UPDATE log_scores_archive_status SET modified_on = NOW() - INTERVAL 2 DAY WHERE archiver NOT LIKE 'scoreline-%'",
    );
  }

  /**
   * Every row that has left MySQL is in both archives once, with all that the archiver's keep of one, and in
   * one record of the purge, or is one of `cleanedUp`.
   */
  async check(cleanedUp: readonly number[] = []): Promise<readonly number[]> {
    const { table, topic, database } = this.purge;
    const records = await purgeRecords(this.#servers.kafka, `${topic}.purges`);
    const recorded = records.flatMap(({ kind, ids }) => (kind === 'intent' ? [] : ids));
    const found = complaints({
      before: this.#before,
      after: keptValues(await sourceRows(table.adminDsn)).hashes,
      recorded: [...recorded, ...cleanedUp],
      archives: await this.#archives(database),
    });
    assert.deepEqual(found.slice(0, 20), [], `${found.length} complaints`);
    return recorded;
  }

  /** Each archive holds every row that there ever was, once. */
  async checkWhole(): Promise<void> {
    for (const [name, { hashes, doubled }] of await this.#archives(this.purge.database)) {
      assert.deepEqual([...doubled], [], name);
      assert.deepEqual(hashes, this.#before, name);
    }
  }

  async #archives(database: string) {
    return new Map([
      ['clickhouse', keptValues(await clickhouseRows(this.#servers, database))],
      ['file', keptValues(await fileRows(this.#files))],
    ]);
  }
}
