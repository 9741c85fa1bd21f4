import { connectionOptions, IDENTITY_QUERY, identityOf, type Source } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { RetryableError } from '@scoreline/service';
import ZongJi from '@vlasky/zongji';

import { BinlogTap, type DumpConnection } from './binlog-tap.ts';
import { withChecksum } from './event-layout.ts';
import { FlowControl } from './flow-control.ts';
import type { EventParser } from './reader-interface.ts';
import { requireSameSource } from './source-identity.ts';

export interface StreamOptions {
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly from: BinlogPosition;
  /** Ours, as a replica. */
  readonly serverId: number;
  readonly heartbeatMs: number;
  /** Silence for longer than this is the connection's end. */
  readonly timeoutMs: number;
}

export interface StreamHandlers {
  /** Whether there is more in it, which `more` reads before the next event comes. */
  event(event: Buffer, at: number, end: number, type: number): boolean;
  /** Reads on in the last event. Whether there is still more. */
  more(): boolean;
  /** Raw: what it means depends on how far the reader is. Told at most once. */
  failed(error: unknown): void;
}

/** How long the server waits for us to take what it sends, and we for a statement's answer. */
const NET_TIMEOUT_SECONDS = 600;

/** One binlog connection, from its start to its first error. A new one takes its place. */
export class BinlogStream {
  readonly #options: StreamOptions;
  readonly #handlers: StreamHandlers;
  readonly #zongji: ZongJi;
  readonly #flow: FlowControl;
  #connection: DumpConnection | null = null;
  #tap: BinlogTap | null = null;
  #watchdog: NodeJS.Timeout | undefined;
  #bytesSeen = 0;
  #heardAt = performance.now();
  #over = false;

  constructor(options: StreamOptions, handlers: StreamHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#zongji = new ZongJi(connectionOptions(options.source));
    this.#flow = new FlowControl({
      stop: () => this.#tap?.pause(),
      go: () => {
        this.#heardAt = performance.now();
        this.#connection?.resume();
      },
      more: () => handlers.more(),
      failed: (error) => this.#fail(error),
    });
  }

  /** Events by type code since the start. */
  get events(): Float64Array {
    return this.#tap?.events ?? new Float64Array(256);
  }

  get bytes(): number {
    return this.#tap?.bytes ?? 0;
  }

  get paused(): boolean {
    return this.#connection?._paused ?? false;
  }

  /** When the last bytes came, on performance.now's clock, to half a second. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** zongji as a parser of the event at hand. */
  get parser(): EventParser {
    return {
      tableMap: (tableId) => {
        this.#tap?.pass();
        return this.#zongji.tableMap[tableId] as never;
      },
      tableMapWithin: (event, at, stop) => (tableId) => {
        this.#tap?.passInner(withChecksum(event, at, stop));
        return this.#zongji.tableMap[tableId] as never;
      },
      gtidsBefore: () => {
        this.#tap?.pass();
        return this.#zongji.gtidSet;
      },
      gtid: () => {
        this.#tap?.pass();
        return this.#zongji.lastGtid;
      },
    };
  }

  /** Connects in the background: what comes of it is told to the handlers. */
  start(): void {
    const { source, from, serverId } = this.#options;
    this.#zongji.on('error', (error) => this.#fail(error));
    this.#zongji.on('ready', () => this.#prepare());
    this.#zongji.start({
      serverId,
      filename: from.file,
      position: from.offset,
      includeEvents: ['tablemap'],
      includeSchema: { [source.database]: [source.table] },
    });
    this.#heardAt = performance.now();
    this.#watchdog = setInterval(() => this.#watch(), Math.min(500, this.#options.timeoutMs / 4));
  }

  pause(): void {
    this.#flow.pause();
  }

  resume(): void {
    this.#flow.resume();
  }

  /** Resolves when the server has been told to stop sending. */
  async close(): Promise<void> {
    this.#over = true;
    clearInterval(this.#watchdog);
    this.#flow.end();
    const stopped = new Promise<void>((resolve) => this.#zongji.once('stopped', resolve));
    this.#zongji.stop();
    await stopped;
  }

  /** The dump is sent when this returns: statements that are queued here come before it. */
  #prepare(): void {
    const connection = this.#zongji.connection as unknown as DumpConnection;
    this.#connection = connection;
    const failOn = (error: Error | null): void => {
      if (error) this.#fail(error);
    };
    const nanoseconds = this.#options.heartbeatMs * 1_000_000;
    connection.query(
      `SET @master_heartbeat_period = ${nanoseconds}, @source_heartbeat_period = ${nanoseconds}`,
      failOn,
    );
    connection.query(
      `SET SESSION net_write_timeout = ${NET_TIMEOUT_SECONDS}, net_read_timeout = ${NET_TIMEOUT_SECONDS}`,
      failOn,
    );
    // On this very connection: behind one address there may be several servers.
    connection.query(IDENTITY_QUERY, (error, rows) => {
      if (error) return this.#fail(error);
      try {
        requireSameSource(this.#options.identity, identityOf(rows as Record<string, unknown>[]));
      } catch (changed) {
        this.#fail(changed);
      }
    });
    this.#tap = new BinlogTap(this.#zongji, connection, {
      event: (event, at, end, type) => {
        if (this.#over || !this.#handlers.event(event, at, end, type)) return;
        this.#flow.within();
      },
      failed: (error) => this.#fail(error),
    });
  }

  #watch(): void {
    if (this.bytes !== this.#bytesSeen || this.paused) {
      this.#bytesSeen = this.bytes;
      this.#heardAt = performance.now();
      return;
    }
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs < this.#options.timeoutMs) return;
    this.#fail(
      new RetryableError(
        `the source has sent nothing, not even a heartbeat, for ${Math.round(silentMs / 1000)} s`,
        { code: 'source-silent', remedy: 'Check the network to the source, and source_timeout.' },
      ),
    );
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#flow.end();
    clearInterval(this.#watchdog);
    this.#handlers.failed(error);
  }
}
