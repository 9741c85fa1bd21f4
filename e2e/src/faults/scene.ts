import type { TestContext } from 'node:test';

import type { Comparison } from '@scoreline/local';
import { until } from '@scoreline/testing';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

import { eventsOf } from '../harness/binlog-events.ts';
import { logRecords } from '../harness/log-record.ts';
import { parseDsn } from '../harness/mysql.ts';
import { inDatabase, ownTable } from '../harness/own-table.ts';
import type { Pipeline } from '../harness/pipeline.ts';
import type { Service } from '../harness/service.ts';
import type { Fault, Settings, SqlServer } from './fault.ts';
import { Load } from './load.ts';

/** Soon enough to see what a fault does to waiting, heartbeats and checkpoints, and no test waits for long. */
const QUICK: Settings = {
  linger: '5ms',
  checkpoint_interval: '300ms',
  heartbeat_interval: '500ms',
  source_timeout: '3s',
  fence_interval: '500ms',
  fence_timeout: '5s',
};

const DSN = {
  mariadb: { user: 'DATABASE_DSN', admin: 'ADMIN_DSN' },
  mysql: { user: 'MYSQL_DSN', admin: 'MYSQL_ADMIN_DSN' },
} as const;

/** Where one fault happens: a database, a topic and a ledger of its own, on servers that all share. */
export class Scene {
  readonly t: TestContext;
  readonly pipeline: Pipeline;
  readonly database: string;
  readonly prefix: string;
  readonly load: Load;
  readonly #server: SqlServer;
  #capture: Service | undefined;
  readonly #restore: (() => Promise<unknown>)[] = [];

  constructor(
    t: TestContext,
    pipeline: Pipeline,
    {
      number,
      server = 'mariadb',
    }: { readonly number: number; readonly server?: SqlServer | undefined },
  ) {
    this.t = t;
    this.pipeline = pipeline;
    this.#server = server;
    this.database = `fault_${number}`;
    this.prefix = `fault-${number}.`;
    this.load = new Load(this.adminDsn, 100 * number + 1);
  }

  /** Of the user that captures. */
  get dsn(): string {
    return this.#own('user');
  }

  get adminDsn(): string {
    return this.#own('admin');
  }

  /** The capture that the fault happens to. */
  get capture(): Service {
    if (this.#capture === undefined) throw new Error('capture was not started yet');
    return this.#capture;
  }

  /** Starts capture and traffic. Resolves when rows are out. */
  async begin({ held = 0, settings = {}, stage, damage }: Fault): Promise<void> {
    await ownTable(this, held);
    const staged = await stage?.(this);
    this.#capture = this.another('capture', this.prefix, { ...settings, ...staged });
    this.t.after(() => this.load.end().catch(() => {}));
    await this.capture.start(damage);
    await this.capture.ready();
    this.load.begin();
    await this.rowsOut(1);
  }

  /** A capture of this database, beside the one that the fault happens to. Not started yet. */
  another(label: string, prefix: string, settings: Settings = {}): Service {
    const service = this.pipeline.capture(label, {
      DATABASE_DSN: this.dsn,
      topic_prefix: prefix,
      ...QUICK,
      ...settings,
    });
    this.t.after(async () => {
      if (service.running) await service.kill();
    });
    return service;
  }

  /** Statements of the administrator, one after the other in one session; rows of the last one. */
  async sql(...statements: readonly string[]): Promise<readonly RowDataPacket[]> {
    const connection = await createConnection(parseDsn(this.adminDsn));
    try {
      let rows: readonly RowDataPacket[] = [];
      for (const sql of statements) [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    } finally {
      await connection.end();
    }
  }

  /**
   * Ends traffic, runs statements in one session, and resolves to the events that they made in the binlog,
   * in words: the text of a query, the type of another one.
   */
  async events(...statements: readonly string[]): Promise<readonly string[]> {
    await this.load.end();
    return eventsOf(this.adminDsn, statements);
  }

  /** Waits until this process of capture has published so many rows of the stream. */
  async rowsOut(rows: number): Promise<void> {
    const { capture } = this;
    await until(
      async () => {
        if (!capture.running) throw new Error(`${capture.label} ended:\n${capture.output}`);
        return ((await capture.metric('scoreline_capture_rows_published_total')) ?? 0) >= rows;
      },
      { what: `${rows} rows of ${capture.label}` },
    );
  }

  /** Waits until so many more rows are committed: what happens meanwhile happens under traffic. */
  async rowsCommitted(rows: number): Promise<void> {
    this.load.begin();
    const enough = this.load.rows + rows;
    await until(() => this.load.rows >= enough, { what: `${rows} rows of traffic` });
  }

  /** Waits until a session of capture has ended for this reason, and another one has begun; tells its message. */
  async sessionEnds(code: string): Promise<string> {
    const { capture } = this;
    const ended = await until(
      () =>
        logRecords(capture.output, 'the session has ended').find(({ err }) => err?.code === code)
          ?.err,
      { what: `the end of a session: ${code}` },
    );
    await capture.ready();
    return ended.message;
  }

  /** Has restored, when capture has ended, what there is to be compared: the table as it was, which the topic must equal. */
  onEnd(restore: () => Promise<unknown>): void {
    this.#restore.push(restore);
  }

  /** Waits until nothing is left to be published, ends capture, and compares. */
  async settle(): Promise<Comparison> {
    const { capture } = this;
    await this.pipeline.allOut(capture);
    const { code } = await capture.stop();
    if (code !== 0) throw new Error(`${capture.label} ended with ${code}:\n${capture.output}`);
    return this.compare();
  }

  /** Table and topic, when capture has ended. */
  async compare(): Promise<Comparison> {
    for (const restore of this.#restore.splice(0).toReversed()) await restore();
    return this.pipeline.compareTopic({ prefix: this.prefix, dsn: this.adminDsn });
  }

  #own(user: 'user' | 'admin'): string {
    return inDatabase(this.pipeline.need(DSN[this.#server][user]), this.database);
  }
}
