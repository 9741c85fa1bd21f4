/** Numbers that one source gave, both inclusive. */
export interface GtidInterval {
  readonly first: bigint;
  readonly last: bigint;
}

/** Intervals by `uuid`, or by `uuid:tag`. */
export type MysqlGtids = ReadonlyMap<string, readonly GtidInterval[]>;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const INTERVAL = /^(\d+)(?:-(\d+))?$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;

/** Of a set as a server writes it, such as `uuid:1-5:8:tag:3`; null when it is none. */
export function mysqlGtids(text: string): MysqlGtids | null {
  const found = new Map<string, GtidInterval[]>();
  const sources = text.replaceAll(/\s/g, '').toLowerCase().split(',');
  for (const source of sources.filter((one) => one !== '')) {
    const [uuid = '', ...parts] = source.split(':');
    if (!UUID.test(uuid) || parts.length === 0) return null;
    let key = uuid;
    for (const part of parts) {
      const [, first, last = first] = INTERVAL.exec(part) ?? [];
      if (first !== undefined) {
        const intervals = found.get(key) ?? [];
        found.set(key, [...intervals, { first: BigInt(first), last: BigInt(last!) }]);
      } else if (TAG.test(part)) key = `${uuid}:${part}`;
      else return null;
    }
  }
  return found;
}

/** Whether every group of `part` is in `whole`. */
export function containsGtids(whole: MysqlGtids, part: MysqlGtids): boolean {
  return [...part].every(([source, intervals]) => {
    const held = joined(whole.get(source) ?? []);
    return intervals.every(({ first, last }) =>
      held.some((one) => one.first <= first && last <= one.last),
    );
  });
}

/** Intervals that touch or overlap as one: a union of sets is written by putting one behind the other. */
function joined(intervals: readonly GtidInterval[]): GtidInterval[] {
  const sorted = intervals.toSorted((a, b) => (a.first < b.first ? -1 : Number(a.first > b.first)));
  const result: GtidInterval[] = [];
  for (const { first, last } of sorted) {
    const before = result.at(-1);
    if (before === undefined || first > before.last + 1n) result.push({ first, last });
    else if (last > before.last) result[result.length - 1] = { first: before.first, last };
  }
  return result;
}
