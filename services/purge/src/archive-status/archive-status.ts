import type { Pool } from '@scoreline/database';
import type { CapturedIds, RosterSink } from '@scoreline/ledger';

import type { Evidence } from '../proof/evidence.ts';
import type { Reason } from '../proof/reason.ts';
import { ArchiverWatch } from './archiver-watch.ts';
import { landedIn, lastLanded } from './last-landed.ts';
import { STATUS_TABLE, StatusTable } from './status-table.ts';

/** Rows of ours are named after their sink. */
const OURS = 'scoreline-';
const PAGE_IDS = 16_384;
/** Of one sink in one pass: a million ids. What remains is walked with the next pass. */
const PAGES = 64;

/**
 * Keeps log_scores_archive_status for those who read there how far archives are: one row for each active
 * sink, with an id that MySQL holds and below which it holds nothing that the sink has not landed. It only
 * moves forward. The row that it refers to cannot be deleted meanwhile, and can be when it has moved on.
 *
 * Rows of other archivers are never touched, and while one moves nothing may be deleted (`whyNot`).
 * Where the table is not there, or is another table's, nothing is done.
 */
export class ArchiveStatus {
  readonly #table: StatusTable;
  readonly #watch: ArchiverWatch;

  /** @param now monotonic, milliseconds */
  constructor(pool: Pool, table: string, { now }: { readonly now?: () => number } = {}) {
    this.#table = new StatusTable(pool, table);
    this.#watch = new ArchiverWatch(now);
  }

  /** Why nothing may be deleted now: another archiver moves, or that cannot be told. */
  async whyNot(signal: AbortSignal): Promise<Reason[]> {
    const found = await this.#table.find(signal);
    switch (found.kind) {
      case 'none':
        return [];
      case 'unreadable':
        return [
          {
            kind: 'refuse',
            code: 'archive-status-unreadable',
            message: `${STATUS_TABLE} tells whether another archiver runs, and cannot be read: ${found.why}`,
          },
        ];
      case 'rows':
        return this.#watch.look(found.rows.filter(({ archiver }) => !isOurs(archiver)));
      default:
        return found satisfies never;
    }
  }

  /** After a pass: each active sink's row moves on as far as it may, and those of other sinks go. */
  async keep(
    { captured }: { readonly captured: Pick<CapturedIds, 'has' | 'isExcluded' | 'buckets'> },
    evidence: Evidence,
    signal: AbortSignal,
  ): Promise<void> {
    const found = await this.#table.find(signal);
    if (found.kind !== 'rows') return;
    const active = evidence.roster.filter(({ state }) => state === 'active');
    const ours = found.rows.filter(({ archiver }) => isOurs(archiver));
    for (const { archiver } of ours) {
      if (active.every((sink) => nameOf(sink) !== archiver)) {
        await this.#table.remove(archiver, signal);
      }
    }
    for (const sink of active) {
      const row = ours.find(({ archiver }) => archiver === nameOf(sink));
      const last = await this.#walk(row?.id ?? null, landedIn(sink, captured, evidence), signal);
      if (last === null) continue;
      if (row === undefined) await this.#table.add(nameOf(sink), last, signal);
      else await this.#table.move(nameOf(sink), last, signal);
    }
  }

  /** The last id above `from` that the sink's row may have; null when there is none. */
  async #walk(
    from: number | null,
    isLanded: (id: number) => boolean,
    signal: AbortSignal,
  ): Promise<number | null> {
    let last: number | null = null;
    for (let page = 0; page < PAGES; page++) {
      const ids = await this.#table.idsAfter(last ?? from ?? -1, PAGE_IDS, signal);
      const found = lastLanded(ids, isLanded);
      last = found ?? last;
      if (ids.length < PAGE_IDS || found !== ids.at(-1)) break;
    }
    return last;
  }
}

function nameOf({ name }: RosterSink): string {
  return `${OURS}${name}`;
}

function isOurs(archiver: string): boolean {
  return archiver.startsWith(OURS);
}
