/** Where a new ledger begins. */
export type Initial =
  /** With what commits from now on: rows that are there are declined. */
  | { readonly mode: 'now' }
  /** With every row that the table holds. */
  | { readonly mode: 'all' }
  /** With rows from a time on, microseconds since the epoch. */
  | { readonly mode: 'since'; readonly sinceUs: number };

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?$/;

/** `now`, `all`, or `since:2026-01-31` (`since:2026-01-31T12:00:00Z`), in UTC. Null for anything else. */
export function parseInitial(text: string): Initial | null {
  if (text === 'now' || text === 'all') return { mode: text };
  const [, date] = /^since:(.+)$/.exec(text) ?? [];
  if (date === undefined || !DATE.test(date)) return null;
  const ms = Date.parse(date.length === 10 ? date : `${date.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(ms) ? null : { mode: 'since', sinceUs: ms * 1000 };
}
