import { mariadbGtid, type MariadbGtid, type MariadbGtids } from '@scoreline/database';
import { GtidSet } from '@vlasky/zongji';

/** Groups of one server's binlog that were captured from another. */
export interface CapturedGroups {
  /** Of those that are in the binlog from its beginning on, how many (MariaDB: domains) have not been passed. */
  readonly left: number;
  /**
   * Whether a group is one of them.
   *
   * @throws GtidsDiverge
   */
  has(gtid: string): boolean;
  /** The group that was asked for last, and is one of them, has come to its end. */
  passed(): void;
}

/** The binlog tells another history than the one that was captured. */
export class GtidsDiverge extends Error {}

/** MySQL's GTIDs name each group: those of the set were captured, in whatever order they come here. */
export class MysqlCapturedGroups implements CapturedGroups {
  readonly #captured: GtidSet;
  #left: number;

  /** @param here those of the set that this binlog has, from where it is read on. */
  constructor(captured: string, here: string) {
    this.#captured = GtidSet.parse(captured);
    this.#left = countGtids(here);
  }

  get left(): number {
    return this.#left;
  }

  has(gtid: string): boolean {
    return this.#captured.contains(gtid);
  }

  passed(): void {
    this.#left--;
  }
}

/** MariaDB's have an order within their domain: all up to the captured one were captured. */
export class MariadbCapturedGroups implements CapturedGroups {
  readonly #captured: Map<number, MariadbGtid>;
  #at: MariadbGtid | null = null;

  /** @param before what this binlog holds before the place from which it is read on. */
  constructor(captured: MariadbGtids, before: MariadbGtids) {
    this.#captured = new Map(
      [...captured].filter(([domain, { text }]) => before.get(domain)?.text !== text),
    );
  }

  get left(): number {
    return this.#captured.size;
  }

  has(gtid: string): boolean {
    const at = mariadbGtid(gtid);
    const last = this.#captured.get(at.domain);
    if (last === undefined) return false;
    if (at.number > last.number || (at.number === last.number && at.server !== last.server)) {
      throw new GtidsDiverge(`${gtid} comes, and ${last.text}, which was captured, has not come`);
    }
    this.#at = at;
    return true;
  }

  passed(): void {
    const { domain, text } = this.#at!;
    if (this.#captured.get(domain)?.text === text) this.#captured.delete(domain);
  }
}

/** How many there are in a MySQL set, such as `uuid:1-5:8,uuid:tag:3`. */
export function countGtids(set: string): number {
  let count = 0;
  for (const [, first, last] of set.matchAll(/:\s*(\d+)(?:-(\d+))?(?=\s*[:,]|\s*$)/g)) {
    count += Number(last ?? first) - Number(first) + 1;
  }
  return count;
}
