import type { Source } from '@scoreline/database';
import type { Checkpoint } from '@scoreline/ledger';

import { BinlogReader } from './binlog-reader.ts';
import { BinlogStream, type StreamOptions } from './binlog-stream.ts';
import { dumpError } from './dump-error.ts';
import type { Overlap } from './overlap.ts';
import type { ReaderEvents } from './reader-interface.ts';
import { ResumePoint } from './resume-point.ts';
import type { RowCollector } from './row-collector.ts';
import { TableMaps, type TableMapsOptions } from './table-maps.ts';
import type { UnreadablePlaces } from './unreadable-places.ts';

export interface ReadingOptions
  extends
    Omit<StreamOptions, 'from' | 'identity'>,
    Omit<TableMapsOptions, 'others' | 'optionalColumns'> {
  readonly source: Source;
  readonly from: Pick<
    Checkpoint,
    'source' | 'position' | 'event' | 'gtidSet' | 'commitTimeMs' | 'openGroup' | 'optionalColumns'
  >;
  readonly overlap: Overlap | null;
  readonly unreadable: UnreadablePlaces;
  readonly maxGroupBytes: number;
}

export interface ReadingHandlers extends ReaderEvents, Pick<TableMapsOptions, 'others'> {
  /** After each event that was read. */
  read(): void;
  /** Why nothing more comes. Told at most once. */
  failed(error: Error): void;
}

/** A binlog connection and the reader of what comes from it: made and thrown away together. */
export class Reading {
  readonly stream: BinlogStream;
  readonly reader: BinlogReader;

  constructor(options: ReadingOptions, collector: RowCollector, handlers: ReadingHandlers) {
    const { source, from, unreadable } = options;
    const resume = new ResumePoint(from.position, from.event);
    this.stream = new BinlogStream(
      { ...options, identity: from.source, from: resume.dumpFrom },
      {
        event: (event, at, end, type) => {
          this.reader.read(event, at, end, type);
          handlers.read();
          return this.reader.isWithin;
        },
        more: () => {
          this.reader.readOn();
          handlers.read();
          return this.reader.isWithin;
        },
        failed: (error) => {
          const { resuming, position } = this.reader;
          const isKnown = (): boolean => unreadable.isKnown(position);
          handlers.failed(dumpError(error, { resume, resuming, isKnown }));
        },
      },
    );
    this.reader = new BinlogReader(
      {
        flavour: from.source.flavour,
        table: source,
        resume,
        gtidSet: from.gtidSet,
        commitTimeMs: from.commitTimeMs,
        openGroup: from.openGroup,
        overlap: options.overlap,
        maxGroupBytes: options.maxGroupBytes,
      },
      {
        maps: new TableMaps(source, {
          ...options,
          optionalColumns: from.optionalColumns,
          others: handlers.others,
        }),
        collector,
        events: handlers,
        parser: this.stream.parser,
      },
    );
  }
}
