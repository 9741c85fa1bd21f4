import type { TestContext } from 'node:test';

import type { SampleRow } from '@scoreline/landing/testing';
import { loadConfig } from '@scoreline/service';
import { uniqueName, until } from '@scoreline/testing';

import { settings } from '../config.ts';
import { COLUMNS } from '../lines.ts';
import { QuestDbSink } from '../quest-db-sink.ts';
import { QuestDb } from '../quest-db.ts';

const SIGNAL = new AbortController().signal;

/** A table of one test's own, not made yet, beside what the sink says of it. */
export class TestTable {
  readonly name = uniqueName('sink').replaceAll(/\W/g, '_');
  readonly #db: QuestDb;
  readonly #url: string;

  /** `url` is the sink's way to QuestDB, `direct` the test's. */
  constructor(t: TestContext, url: string, direct = url) {
    this.#url = url;
    this.#db = new QuestDb(this.#config(direct));
    t.after(() => this.exec(`DROP TABLE IF EXISTS "${this.name}"`));
  }

  sink(): QuestDbSink {
    return new QuestDbSink(this.#config(this.#url));
  }

  async exec(sql: string): Promise<readonly (readonly unknown[])[]> {
    return this.#db.query(sql, SIGNAL);
  }

  async append(lines: string): Promise<void> {
    await this.#db.append(lines, SIGNAL);
  }

  /** Waits until everything that was committed is applied. */
  async settled(): Promise<void> {
    await until(async () => {
      const behind = `SELECT name FROM wal_tables() WHERE name = '${this.name}' AND writerTxn < sequencerTxn`;
      return (await this.exec(behind)).length === 0;
    });
  }

  /** What a query sees now. */
  async rows(): Promise<SampleRow[]> {
    const columns = COLUMNS.map(({ name, type }) =>
      type === 'TIMESTAMP' ? `cast("${name}" AS LONG)` : `"${name}"`,
    );
    const found = await this.exec(`SELECT ${columns.join(', ')} FROM "${this.name}"`);
    return found.map((values) => {
      const row = Object.fromEntries(COLUMNS.map(({ name }, index) => [name, values[index]]));
      const { no_response: flag, extra } = row;
      const no_response = flag === null ? null : flag === 1;
      return { ...row, no_response, extra: JSON.parse(String(extra)) } as unknown as SampleRow;
    });
  }

  #config(url: string) {
    return loadConfig(settings, {
      kafka_brokers: 'none:1',
      schema_registry_url: 'http://none',
      questdb_table: this.name,
      questdb_url: url,
    });
  }
}
