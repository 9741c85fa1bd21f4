import { setTimeout as delay } from 'node:timers/promises';

import type { Destination, Range, RangeLimits, Sink, WriteAttempt } from '@scoreline/landing';
import { ConfigError, PermanentError, RetryableError } from '@scoreline/service';

import type { Settings } from './config.ts';
import { COLUMNS, linesOf } from './lines.ts';
import { QuestDb } from './quest-db.ts';

const APPLIED_EVERY_MS = 10;
const KEYS: readonly string[] = ['id', 'ts'];

/**
 * Lands ranges in a table that keeps one row for each `(ts, id)`: the same range again writes the same
 * rows over themselves. So no identity is kept, and what is there need never be asked.
 */
export class QuestDbSink implements Sink {
  readonly name = 'questdb';
  readonly limits: RangeLimits;
  readonly #db: QuestDb;
  readonly #table: string;
  /** The table's own name for itself, which a table made anew under the same name does not get. */
  #directory = '';

  constructor(config: Settings) {
    const { questdb_table: table, questdb_batch_rows: rows } = config;
    if (!/^\w+$/.test(table)) {
      throw new ConfigError(`questdb_table: expected letters, digits and _, got "${table}"`, {
        code: 'settings',
      });
    }
    this.#db = new QuestDb(config);
    this.#table = table;
    this.limits = { rows, bytes: 16_000_000, minRows: 1, ageMs: 0, spacingMs: 250 };
  }

  async start(signal: AbortSignal): Promise<Destination> {
    const ask = (sql: string) => this.#db.query(sql, signal);
    const [mode] = await ask(
      "SELECT value FROM (SHOW PARAMETERS) WHERE property_path = 'cairo.commit.mode'",
    );
    if (mode?.[0] !== 'sync') {
      throw new ConfigError('questdb_url: this server does not sync what it commits', {
        code: 'questdb-unsynced',
        remedy: 'Set cairo.commit.mode=sync in its server.conf.',
      });
    }
    const columns = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(', ');
    await ask(`CREATE TABLE IF NOT EXISTS "${this.#table}" (${columns})
      TIMESTAMP("ts") PARTITION BY DAY WAL DEDUP UPSERT KEYS("ts", "id")`);
    await this.#checkColumns(signal);
    const [server] = await ask('SELECT id FROM telemetry_config LIMIT 1');
    const { directory, applied, committed } = await this.#state(signal);
    this.#directory = directory;
    const rows = await ask(`SELECT id FROM "${this.#table}" LIMIT 1`);
    return {
      name: `QuestDB table ${this.#table}`,
      fingerprint: `${String(server?.[0])}.${directory}`,
      holdsRows: rows.length > 0 || applied < committed,
    };
  }

  async write(range: Range, _attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    await this.#db.append(linesOf(this.#table, await range.load()), signal);
    // Committed is durable; landed is when a query sees it, in the table that was checked.
    for (let target = Number.POSITIVE_INFINITY; ;) {
      const { directory, suspended, applied, committed } = await this.#state(signal);
      if (directory !== this.#directory) throw this.#changed('is another one than at the start');
      if (suspended) {
        throw new RetryableError(`QuestDB has suspended table ${this.#table}`, {
          code: 'questdb-suspended',
          remedy: `SELECT * FROM wal_tables() says why; then ALTER TABLE ${this.#table} RESUME WAL.`,
        });
      }
      target = Math.min(target, committed);
      if (applied >= target) return;
      await delay(APPLIED_EVERY_MS, undefined, { signal });
    }
  }

  async stop(): Promise<void> {}

  /** A table with other keys would keep fewer rows, or more: with `server_id` for `id`, one of a whole second. */
  async #checkColumns(signal: AbortSignal): Promise<void> {
    const columns = `SELECT "column", type, upsertKey FROM (SHOW COLUMNS FROM "${this.#table}")`;
    const found = (await this.#db.query(columns, signal)).map(([name, type, isKey]) =>
      described(String(name), String(type), isKey === true),
    );
    const wanted = COLUMNS.map(({ name, type }) => described(name, type, KEYS.includes(name)));
    const wrong = [
      ...wanted.filter((one) => !found.includes(one)).map((one) => `${one} is missing`),
      ...found.filter((one) => one.endsWith(' key') && !wanted.includes(one)),
    ];
    if (wrong.length > 0) throw this.#changed(`does not fit: ${wrong.join(', ')}`);
  }

  async #state(signal: AbortSignal) {
    const [row] = await this.#db.query(
      `SELECT t.directoryName, w.suspended, w.writerTxn, w.sequencerTxn FROM tables() t
       JOIN wal_tables() w ON t.table_name = w.name WHERE t.table_name = '${this.#table}'`,
      signal,
    );
    if (row === undefined) throw this.#changed('is not there');
    const [directory, suspended, applied, committed] = row;
    return {
      directory: String(directory),
      suspended: suspended === true,
      applied: Number(applied),
      committed: Number(committed),
    };
  }

  #changed(how: string): PermanentError {
    return new PermanentError(`QuestDB table ${this.#table} ${how}`, {
      code: 'questdb-table-changed',
      remedy: 'Bring the table back as the sink makes it, or give the sink another one.',
    });
  }
}

function described(name: string, type: string, isKey: boolean): string {
  return `${name} ${type}${isKey ? ' key' : ''}`;
}
