import type { UnknownColumns } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import type { CaptureMetrics } from './metrics.ts';

type Metrics = Pick<CaptureMetrics, 'columnsOmitted' | 'columnsKept'>;

/** Tells of columns that the record has no field for, once for each set of them. */
export class OtherColumns {
  readonly #mode: UnknownColumns;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  #names = '';

  constructor(mode: UnknownColumns, metrics: Metrics, log: Logger) {
    this.#mode = mode;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** The table has these from here on. */
  seen(columns: readonly string[]): void {
    const isKept = this.#mode === 'keep';
    this.#metrics.columnsOmitted.set(isKept ? 0 : columns.length);
    this.#metrics.columnsKept.set(isKept ? columns.length : 0);
    const names = columns.join(', ');
    if (names === this.#names) return;
    this.#names = names;
    if (names === '') {
      this.#log.info('the record has a field for every column of the table again');
    } else if (isKept) {
      this.#log.info(
        { columns },
        `the record has no field for ${names}: what the table has there goes into extra (unknown_columns=keep)`,
      );
    } else {
      this.#log.warn(
        { columns },
        `the record has no field for ${names}: what the table has there stays in the source (unknown_columns=omit)`,
      );
    }
  }
}
