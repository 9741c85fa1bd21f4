import type { Logger } from '@scoreline/service';

import type { CaptureMetrics } from './metrics.ts';

/** Tells of columns whose values stay in the source, once for each set of them. */
export class OmittedColumns {
  readonly #metrics: Pick<CaptureMetrics, 'columnsOmitted'>;
  readonly #log: Logger;
  #names = '';

  constructor(metrics: Pick<CaptureMetrics, 'columnsOmitted'>, log: Logger) {
    this.#metrics = metrics;
    this.#log = log;
  }

  /** The table has these from here on. */
  seen(columns: readonly string[]): void {
    this.#metrics.columnsOmitted.set(columns.length);
    const names = columns.join(', ');
    if (names === this.#names) return;
    this.#names = names;
    if (names === '') this.#log.info('the record has a field for every column of the table again');
    else {
      this.#log.warn(
        { columns },
        `the record has no field for ${names}: what the table has there stays in the source (unknown_columns=omit)`,
      );
    }
  }
}
