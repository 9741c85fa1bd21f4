import { setTimeout as delay } from 'node:timers/promises';

import { sessionConnection, type Source } from '@scoreline/database';
import type { BinlogPosition, CapturedIds, Reconcile, SourceIdentity } from '@scoreline/ledger';
import type { Logger } from '@scoreline/service';
import type { RowDataPacket } from 'mysql2/promise';

import type { BatchQueue } from './batch-queue.ts';
import type { BinlogReader } from './binlog-reader.ts';
import { CapturedTable } from './captured-table.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { Publisher } from './publisher.ts';
import { RateLimit } from './rate-limit.ts';
import { Reconciler } from './reconciler.ts';
import { IDENTITY_QUERY, identityOf, requireSameSource } from './source-identity.ts';

export interface ReconcilingOptions {
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly utcOffsetMinutes: number;
  readonly rowsPerSecond: number;
  readonly captured: CapturedIds;
  readonly publisher: Publisher;
  readonly queue: BatchQueue;
  readonly reader: BinlogReader;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}

const POLL_MS = 5;

/** Reconcile as a session runs it: on a connection of its own to the stream's own server. */
export class Reconciling {
  readonly #options: ReconcilingOptions;
  #reconciler: Reconciler | undefined;

  constructor(options: ReconcilingOptions) {
    this.#options = options;
  }

  status() {
    return this.#reconciler?.status() ?? null;
  }

  /** Resolves when everything is read. @throws what ended it before. */
  async run(progress: Reconcile, signal: AbortSignal): Promise<void> {
    const { source, identity, utcOffsetMinutes, rowsPerSecond } = this.#options;
    const { captured, publisher, metrics, log } = this.#options;
    const connection = await sessionConnection(source, { signal });
    const abort = (): void => connection.destroy();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(IDENTITY_QUERY);
      requireSameSource(identity, identityOf(rows));
      this.#reconciler = new Reconciler({
        progress,
        table: await CapturedTable.open(connection, source, { identity, utcOffsetMinutes }),
        captured,
        publish: (chunks, change) => publisher.publish(chunks, change),
        caughtUp: (position) => this.#caughtUp(position, signal),
        rate: new RateLimit(rowsPerSecond),
        metrics,
        log,
      });
      await this.#reconciler.run(signal);
    } finally {
      this.#reconciler = undefined;
      signal.removeEventListener('abort', abort);
      await connection.end().catch(() => connection.destroy());
    }
  }

  /** Until every row that the stream has before a position is out. */
  async #caughtUp(position: BinlogPosition, signal: AbortSignal): Promise<void> {
    const { reader, queue } = this.#options;
    while (!(reader.hasPassed(position) && queue.isEmpty)) {
      await delay(POLL_MS, undefined, { signal });
    }
  }
}
