import { PermanentError, PoisonError } from '@scoreline/service';

import type { LogRecord } from './log-record.ts';
import { PartOfRange } from './part-of-range.ts';
import { progress, type Progress } from './progress.ts';
import type { Quarantine } from './quarantine.ts';
import type { Range } from './range.ts';

/** What landing around a record needs of its partition. */
export interface PoisonedPartition {
  readonly partition: number;
  readonly ledgerUuid: string;
  readonly signal: AbortSignal;
  readonly quarantine: Pick<Quarantine, 'find' | 'keep'> | null;
  now(): Progress;
  /** Commits what the step makes of the progress, when everything that was to be committed before has been. */
  commit(step: (now: Progress) => Progress): Promise<void>;
  /** Lands a range that is pending. */
  finish(range: Range, replay: boolean): Promise<void>;
}

/**
 * Gets past records that cannot land, one at a time, so that at every moment the commit names what
 * may have been started by its exact ends, and nothing that is in doubt is passed over.
 *
 * A pending range of which a record cannot land is first committed as two, the one before the record
 * and the one from it on; the first lands as any other. Then the record is put into quarantine, and
 * the commit moves over it, with the mark that the run is no longer unbroken. What is left of the
 * range ends where the pending one did. Whoever comes after a death at any of these steps makes the
 * same ranges from the commit, comes to the same record, and does the rest.
 */
export class AroundPoison {
  readonly #of: PoisonedPartition;

  constructor(of: PoisonedPartition) {
    this.#of = of;
  }

  /** The error as a record that may be passed; rethrown when it is none. */
  passable(error: unknown): PoisonError {
    if (this.#of.quarantine !== null && error instanceof PoisonError) return error;
    throw error;
  }

  /** What is left of the range behind the record that the sink has named; null when nothing is. */
  async inRange(range: Range, replay: boolean, poison: PoisonError): Promise<Range | null> {
    const { ledgerUuid } = this.#of;
    const { row = range.rows } = poison;
    if (row >= range.rows) throw poison;
    const indexes = [...new Set([row, Math.min(row + 1, range.rows - 1), range.rows - 1])];
    const found = await this.#find(range.first, indexes);
    const [record, next] = found;
    if (record === undefined || found.at(-1)?.offset !== range.last)
      throw miscounted(range, poison);
    if (record.before !== null) {
      const { first } = range;
      const last = record.before;
      await this.#of.commit((now) => progress.split(now, range, last));
      const part = { from: 0, to: row, name: { ledgerUuid, first, last } };
      await this.#of.finish(await PartOfRange.of(range, part), replay);
    }
    await this.#keep(record, poison);
    if (next === undefined) return null;
    const name = { ledgerUuid, first: next.offset, last: range.last };
    return PartOfRange.of(range, { from: row + 1, to: range.rows, name });
  }

  /** A record that cannot be read, when everything before it has landed. */
  async unread(poison: PoisonError): Promise<void> {
    const { offset } = poison;
    if (offset === undefined) throw poison;
    const [record] = await this.#find(offset, [0]);
    if (record?.offset !== offset) throw poison;
    await this.#keep(record, poison);
  }

  async #find(first: bigint, indexes: readonly number[]): Promise<readonly LogRecord[]> {
    const { partition, signal, quarantine } = this.#of;
    return (await quarantine?.find({ partition, first, indexes }, signal)) ?? [];
  }

  async #keep(record: LogRecord, poison: PoisonError): Promise<void> {
    const { partition, signal, quarantine } = this.#of;
    const already = this.#of.now().quarantined?.count ?? 0;
    await quarantine?.keep({ partition, record, poison, already }, signal);
    await this.#of.commit((now) => progress.quarantine(now, record.offset));
  }
}

function miscounted({ topic, partition, first, last, rows }: Range, cause: PoisonError) {
  return new PermanentError(
    `${topic}[${partition}] has other records between ${first} and ${last} than the ${rows} that were fetched`,
    {
      code: 'pending-range-changed',
      remedy:
        'The topic is not what it was when the range was started. See docs/6-troubleshooting.md.',
      cause,
    },
  );
}
