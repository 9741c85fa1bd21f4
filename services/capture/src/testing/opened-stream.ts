import type { TestContext } from 'node:test';

import { IDENTITY_QUERY, identityOf, parseDsn, type Source } from '@scoreline/database';
import type { Database } from '@scoreline/local';

import { BinlogStream, type StreamOptions } from '../binlog-stream.ts';

/** A stream from the end of a server's binlog, and what it told. */
export class OpenedStream {
  readonly stream: BinlogStream;
  /** Type codes. */
  readonly events: number[] = [];
  readonly failures: unknown[] = [];

  private constructor(options: StreamOptions) {
    this.stream = new BinlogStream(options, {
      event: (_event, _at, _end, type) => {
        this.events.push(type);
        return false;
      },
      more: () => false,
      failed: (error) => this.failures.push(error),
    });
  }

  static async start(
    t: TestContext,
    database: Database,
    options: Partial<StreamOptions> & { readonly dsn?: string } = {},
  ): Promise<OpenedStream> {
    const { dsn = database.dsn, ...more } = options;
    const source: Source = {
      ...parseDsn(dsn),
      table: 'log_scores',
      timeZone: undefined,
      tlsCa: undefined,
      origin: 'database_dsn',
    };
    const opened = new OpenedStream({
      source,
      identity: identityOf(await database.run(IDENTITY_QUERY)),
      from: await database.position(),
      serverId: 2 ** 31 + Math.floor(Math.random() * 2 ** 30),
      heartbeatMs: 100,
      timeoutMs: 60_000,
      ...more,
    });
    t.after(() => opened.stream.close());
    opened.stream.start();
    return opened;
  }

  count(type: number): number {
    return this.events.filter((one) => one === type).length;
  }
}
