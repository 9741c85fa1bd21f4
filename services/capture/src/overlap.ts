import { type BinlogPosition, comparePositions } from '@scoreline/ledger';

import type { CapturedGroups } from './captured-groups.ts';
import { GtidsDiverge } from './captured-groups.ts';

/**
 * The part of a binlog that tells again what was captured from another server, mixed with what was not:
 * a replica need not have applied its groups in the order of its primary. It is over when all that was
 * captured has come by; from there on, a position says as much as GTIDs do.
 */
export class Overlap {
  readonly #groups: CapturedGroups;
  readonly #until: BinlogPosition;

  /** @param until where the binlog ended when it was seen to hold all of them. */
  constructor(groups: CapturedGroups, until: BinlogPosition) {
    this.#groups = groups;
    this.#until = until;
  }

  get isOver(): boolean {
    return this.#groups.left === 0;
  }

  /**
   * Whether the group that begins was captured already; one without a GTID was not.
   *
   * @throws GtidsDiverge
   */
  has(gtid: string | undefined): boolean {
    return gtid !== undefined && this.#groups.has(gtid);
  }

  /** The group that was asked for last, and was captured already, has ended. */
  passed(): void {
    this.#groups.passed();
  }

  /**
   * So far has the binlog been read, to the end of a group.
   *
   * @throws GtidsDiverge
   */
  reached(position: BinlogPosition): void {
    if (this.isOver || comparePositions(position, this.#until) < 0) return;
    throw new GtidsDiverge(
      `of the groups that were captured, ${this.#groups.left} have not come up to the place where the binlog ended`,
    );
  }
}
