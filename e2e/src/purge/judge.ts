import assert from 'node:assert/strict';

import type { Kafka } from 'kafkajs';

import type { Archive } from './archive.ts';
import { complaints, type Holding, holdingOf } from './oracle.ts';
import { purgeRecords } from './purge-records.ts';
import type { SourceTable } from './source-table.ts';

/** Holds what is left of a table against what was ever in it, the purge's records, and the archives. */
export class Judge {
  /** Rows that are in no archive, and may be deleted all the same. */
  readonly archivedNowhere = new Set<number>();
  readonly #kafka: Kafka;
  readonly #table: SourceTable;
  /** Rows that had gone by an earlier look: other archives may have counted then. */
  readonly #judged = new Set<number>();

  constructor(kafka: Kafka, table: SourceTable) {
    this.#kafka = kafka;
    this.#table = table;
  }

  /** @param archives those that each row has to be in which has gone since the last look. */
  async check(topic: string, archives: ReadonlyMap<string, Archive>): Promise<void> {
    const held = new Map<string, Holding>();
    for (const [name, archive] of archives) held.set(name, holdingOf(await archive.read()));
    const { seen } = this.#table;
    const after = await this.#table.rows();
    const records = await purgeRecords(this.#kafka, `${topic}.purges`);
    const found = complaints({
      before: seen,
      after,
      recorded: records.flatMap(({ kind, ids }) => (kind === 'intent' ? [] : ids)),
      archives: held,
      archivedNowhere: this.archivedNowhere,
      judged: this.#judged,
    });
    assert.deepEqual(found.slice(0, 20), [], `${found.length} complaints`);
    for (const id of seen.keys()) if (!after.has(id)) this.#judged.add(id);
  }
}
