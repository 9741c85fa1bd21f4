import type { BinlogPosition, EventProof, OpenGroup } from '@scoreline/ledger';
import { VERSION_1 } from '@scoreline/schema';

import { BinlogReader } from '../binlog-reader.ts';
import { ChunkPool } from '../chunk.ts';
import type { Overlap } from '../overlap.ts';
import type { Progress, ReaderEvents } from '../reader-interface.ts';
import { ResumePoint } from '../resume-point.ts';
import { RowCollector } from '../row-collector.ts';
import { TableMaps } from '../table-maps.ts';
import { type EncodedRow, encodedRows } from './binlog-rows.ts';
import { type BuiltEvent, fakeRotate, FILE, TABLE, TABLE_MAP } from './binlog.ts';

export interface ReadOptions {
  readonly flavour?: 'mariadb' | 'mysql';
  readonly position?: BinlogPosition;
  readonly event?: EventProof | null;
  readonly openGroup?: OpenGroup | null;
  readonly gtidSet?: string;
  readonly overlap?: Overlap;
  readonly maxGroupBytes?: number;
  readonly stepBytes?: number;
  readonly advanced?: () => void;
}

/** A reader over built events, and what it told. */
export class TestReader {
  readonly told: string[] = [];
  advances = 0;
  readonly collector: RowCollector;
  readonly reader: BinlogReader;
  readonly #dumpFrom: BinlogPosition;
  readonly #pool = new ChunkPool(8);

  constructor(options: ReadOptions = {}) {
    const resume = new ResumePoint(
      options.position ?? { file: FILE, offset: 4 },
      options.event ?? null,
    );
    this.#dumpFrom = resume.dumpFrom;
    this.collector = new RowCollector(this.#pool);
    const events: ReaderEvents = {
      resumed: () => this.told.push('resumed'),
      advanced: () => {
        this.advances++;
        options.advanced?.();
      },
      updated: (what) => this.told.push(`updated ${what}`),
      deleted: () => this.told.push('deleted'),
    };
    this.reader = new BinlogReader(
      {
        flavour: options.flavour ?? 'mariadb',
        table: TABLE,
        resume,
        gtidSet: options.gtidSet ?? '',
        commitTimeMs: 0,
        openGroup: options.openGroup ?? null,
        overlap: options.overlap ?? null,
        maxGroupBytes: options.maxGroupBytes ?? 1_000_000,
        ...(options.stepBytes === undefined ? {} : { stepBytes: options.stepBytes }),
      },
      {
        maps: new TableMaps(TABLE, {
          utcOffsetMinutes: 0,
          unknownColumns: 'stop',
          version: VERSION_1,
          optionalColumns: [],
          others: () => {},
        }),
        collector: this.collector,
        events,
        parser: {
          tableMap: () => TABLE_MAP,
          tableMapWithin: () => () => TABLE_MAP,
          gtidsBefore: () => undefined,
          gtid: () => undefined,
        },
      },
    );
  }

  /** Hands over what a dump from the resume point sends. */
  dump(events: readonly BuiltEvent[]): this {
    this.read(fakeRotate(this.#dumpFrom), 4);
    for (const { bytes, type, start } of events) {
      if (start.offset >= this.#dumpFrom.offset) this.read(bytes, type);
    }
    return this;
  }

  read(bytes: Buffer, type: number): void {
    this.reader.read(bytes, 0, bytes.length, type);
    while (this.reader.isWithin) this.reader.readOn();
  }

  /** Goes so many steps on in events: each is one, or as many as its decompressed bytes make. */
  steps(events: Iterator<BuiltEvent>, count: number): void {
    for (let step = 0; step < count; step++) {
      if (this.reader.isWithin) {
        this.reader.readOn();
        continue;
      }
      const { value, done } = events.next();
      if (done === true) return;
      const { bytes, type } = value;
      this.reader.read(bytes, 0, bytes.length, type);
    }
  }

  /** Rows that may go out, with their times, and the progress that goes with them. */
  take(): { ids: number[]; rows: EncodedRow[]; times: number[]; progress: Progress } {
    const { chunks } = this.collector.take();
    const rows = chunks.flatMap(({ block }) => encodedRows(block));
    const ids = rows.map(({ id }) => id);
    const times = chunks.flatMap((chunk) => [...chunk.times.subarray(0, chunk.block.rows)]);
    for (const chunk of chunks) this.#pool.give(chunk);
    return { ids, rows, times, progress: this.reader.progress() };
  }
}
