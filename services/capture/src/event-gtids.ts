import { EVENT } from './event-codes.ts';
import { HEADER_BYTES } from './event-layout.ts';
import * as layout from './event-layout.ts';
import { type GtidTracker, gtidTracker } from './gtid-tracker.ts';
import { ReaderError } from './reader-error.ts';
import type { EventParser } from './reader-interface.ts';

/** The GTIDs that events announce, and those of groups that have ended. */
export class EventGtids {
  readonly #parser: Pick<EventParser, 'gtid' | 'gtidsBefore'>;
  readonly #tracker: GtidTracker;
  /** Whether what was executed before is known. */
  #seeded: boolean;

  constructor(
    flavour: 'mariadb' | 'mysql',
    gtidSet: string,
    parser: Pick<EventParser, 'gtid' | 'gtidsBefore'>,
  ) {
    this.#parser = parser;
    this.#tracker = gtidTracker(flavour, gtidSet);
    this.#seeded = gtidSet !== '';
  }

  /** Undefined where the group has none. */
  of(event: Buffer, at: number, type: number): string | undefined {
    if (type === EVENT.ANONYMOUS_GTID) return undefined;
    if (type === EVENT.MARIADB_GTID) return layout.mariadbGtid(event, at);
    if (type === EVENT.GTID) return layout.mysqlGtid(event, at);
    const gtid = this.#parser.gtid();
    if (gtid === undefined) throw ReaderError.taggedGtid();
    return gtid;
  }

  /** Notes what an event says of GTIDs, if anything. */
  track(event: Buffer, at: number, type: number): void {
    if (type === EVENT.MARIADB_GTID || type === EVENT.GTID) {
      this.#seeded = true;
      this.#tracker.announce(event, at + HEADER_BYTES, layout.serverId(event, at));
    } else if (type === EVENT.GTID_TAGGED) {
      this.#tracker.announceText(this.of(event, at, type)!);
    } else if (type === EVENT.PREVIOUS_GTIDS || type === EVENT.MARIADB_GTID_LIST) {
      if (this.#seeded) return;
      const gtids = this.#parser.gtidsBefore();
      if (gtids === undefined) return;
      this.#seeded = true;
      this.#tracker.seed(gtids);
    }
  }

  /** The announced group has ended. */
  fold(): void {
    this.#tracker.fold();
  }

  toString(): string {
    return this.#tracker.toString();
  }
}
