import { setTimeout as delay } from 'node:timers/promises';

import { sessionConnection, type Source } from '@scoreline/database';
import type { BinlogPosition, CapturedIds, Reconcile, SourceIdentity } from '@scoreline/ledger';
import type { TopicVersion, UnknownColumns } from '@scoreline/schema';
import { type Logger, unlessAborted } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { auditRange } from './audit-range.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { BinlogReader } from './binlog-reader.ts';
import { CapturedTable } from './captured-table.ts';
import type { IdRange } from './id-range.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { Publisher } from './publisher.ts';
import { RateLimit } from './rate-limit.ts';
import { Reconciler, type ReconcilerOptions, type ReconcileTable } from './reconciler.ts';
import type { RequestWatch } from './request-watch.ts';
import { requireColumns } from './require-columns.ts';
import { confirmSource } from './source-identity.ts';

export interface ReconcilingOptions {
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly utcOffsetMinutes: number;
  readonly unknownColumns: UnknownColumns;
  readonly version: TopicVersion;
  readonly rowsPerSecond: number;
  /** Between two audits; 0 is none. */
  readonly auditMs: number;
  /** Ids to be read again, at the start. */
  readonly requested: IdRange | null;
  /** What other services ask for meanwhile. */
  readonly requests: Pick<RequestWatch, 'take'>;
  readonly captured: CapturedIds;
  readonly publisher: Publisher;
  readonly queue: BatchQueue;
  readonly reader: BinlogReader;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}

const POLL_MS = 5;
/** How long an idle reconcile takes to see that there is something to do. */
const IDLE_MS = 1_000;

type How = Pick<ReconcilerOptions, 'publish' | 'between'>;

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

  /**
   * What the ledger says is left to do or `reconcile_ids` asks for, then an audit of the newest full
   * buckets now and then, for as long as the session lasts. Requests come between two buckets of these, and
   * leave what the ledger says of them as it is: they are asked for again at the next start.
   *
   * @throws what ended it, the signal's reason included.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { captured, publisher, auditMs, requested } = this.#options;
    const saving: How = {
      publish: (chunks, change) => publisher.publish(chunks, change),
      between: () => this.#followRequest(signal),
    };
    await this.#requireColumns(signal);
    const { reconcile, startFloor } = publisher.checkpoint;
    const left = reconcile ?? this.#asked('request', requested);
    if (left !== null) await this.#reconcile(left, saving, signal);
    const auditEveryMs = auditMs === 0 ? Infinity : auditMs;
    for (let idleSince = performance.now(); ;) {
      const auditInMs = idleSince + auditEveryMs - performance.now();
      await delay(Math.max(0, Math.min(auditInMs, IDLE_MS)), undefined, { signal });
      await this.#followRequest(signal);
      if (performance.now() - idleSince < auditEveryMs) continue;
      const due = this.#asked('audit', auditRange(captured.maxId, startFloor.id));
      if (due !== null) await this.#reconcile(due, saving, signal);
      idleSince = performance.now();
    }
  }

  async #followRequest(signal: AbortSignal): Promise<void> {
    const { publisher, requests, metrics, log } = this.#options;
    const request = requests.take();
    if (request === null) return;
    log.info({ ...request }, 'asked to look for ids in the table');
    metrics.requests.inc();
    const due = this.#asked('request', { from: request.from, to: request.to });
    if (due === null) return;
    const beside: How = {
      publish: async (chunks) => {
        if (chunks.length > 0) await publisher.publish(chunks, {});
      },
      between: async () => {},
    };
    await this.#reconcile(due, beside, signal);
  }

  #asked(reason: Reconcile['reason'], range: IdRange | null): Reconcile | null {
    if (range === null) return null;
    const { startFloor, position: p0 } = this.#options.publisher.checkpoint;
    const from = Math.max(range.from, startFloor.id);
    if (from > range.to) return null;
    return { ...range, reason, p0, from, next: from, published: 0, startedAtMs: Date.now() };
  }

  /** The stream tells of a column that is gone when a row comes without it, which may be long after. */
  #requireColumns(signal: AbortSignal): Promise<void> {
    const { source, identity, publisher } = this.#options;
    return this.#atSource(signal, (connection) => {
      const had = publisher.checkpoint.optionalColumns;
      const checked = requireColumns(connection, source, {
        had,
        flavour: identity.flavour,
        caughtUp: (position) => this.#caughtUp(position, signal),
      });
      return unlessAborted(checked, signal);
    });
  }

  async #reconcile(progress: Reconcile, how: How, signal: AbortSignal): Promise<void> {
    const { source, rowsPerSecond, captured, publisher, metrics, log } = this.#options;
    await this.#atSource(signal, async (connection) => {
      const { optionalColumns } = publisher.checkpoint;
      const opened = CapturedTable.open(connection, source, { ...this.#options, optionalColumns });
      const table = await unlessAborted(opened, signal);
      const before = this.#reconciler;
      this.#reconciler = new Reconciler({
        ...how,
        progress,
        table: whileLasting(table, signal),
        captured,
        caughtUp: (position) => this.#caughtUp(position, signal),
        rate: new RateLimit(rowsPerSecond),
        metrics,
        log,
      });
      try {
        await this.#reconciler.run(signal);
      } finally {
        this.#reconciler = before;
      }
    });
  }

  async #atSource(
    signal: AbortSignal,
    work: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    const { source, identity } = this.#options;
    const connection = await sessionConnection(source, { signal });
    const abort = (): void => connection.destroy();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await unlessAborted(confirmSource(connection, identity), signal);
      await work(connection);
    } finally {
      signal.removeEventListener('abort', abort);
      if (!signal.aborted) await connection.end().catch(() => connection.destroy());
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

/** The driver does not settle a statement whose connection is destroyed. */
function whileLasting(table: ReconcileTable, signal: AbortSignal): ReconcileTable {
  const race = <T>(answer: Promise<T>): Promise<T> => unlessAborted(answer, signal);
  return {
    ids: (from, to) => race(table.ids(from, to)),
    firstId: (from) => race(table.firstId(from)),
    position: () => race(table.position()),
    rows: (ids, block) => race(table.rows(ids, block)),
  };
}
