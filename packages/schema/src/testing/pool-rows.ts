import { type Cell, POOL_COLUMNS } from './row-image.ts';

export const NOON = { year: 2026, month: 3, day: 1, hour: 12, minute: 0, second: 0, micros: 0 };

/** A row of the pool's table, in the order of its columns. */
export function poolRow(changes: Readonly<Record<string, Cell>> = {}): readonly Cell[] {
  const cells: Readonly<Record<string, Cell>> = {
    id: 5n,
    monitor_id: 1n,
    server_id: 2n,
    ts: NOON,
    score: 1.5,
    step: 1,
    offset: 0.25,
    rtt: 100n,
    attributes: null,
    ...changes,
  };
  return POOL_COLUMNS.map(({ name }) => cells[name] ?? null);
}

/** Rows that no record can hold, and what is said of them. */
export const REFUSED: readonly [
  what: string,
  Readonly<Record<string, Cell>>,
  column: string,
  RegExp,
][] = [
  ['an id of 2^53', { id: 2n ** 53n }, 'id', /^row 9007199254740992, column id: .*2\^53/],
  ['the largest id', { id: 2n ** 64n - 1n }, 'id', /^row 18446744073709551615, /],
  ['an id of zero', { id: 0n }, 'id', /below 1/],
  ['no server', { server_id: null }, 'server_id', /^row 5, column server_id: it is NULL/],
  ['no id', { id: null }, 'id', /unknown id.*NULL/],
  ['no score', { score: null }, 'score', /NULL/],
  ['no ts', { ts: null }, 'ts', /NULL/],
  [
    'a zero date',
    { ts: { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 } },
    'ts',
    /^row 5, column ts: 0000-00-00 00:00:00 is no date/,
  ],
  ['a day that is not', { ts: { ...NOON, month: 2, day: 30 } }, 'ts', /2026-02-30 12:00:00/],
  [
    'the 29th in a year without',
    { ts: { ...NOON, year: 1900, month: 2, day: 29 } },
    'ts',
    /no date/,
  ],
  ['an hour that is not', { ts: { ...NOON, hour: 24 } }, 'ts', /no date/],
  ['a minute that is not', { ts: { ...NOON, minute: 60 } }, 'ts', /no date/],
  ['a ts that no double holds', { ts: { ...NOON, year: 9999 } }, 'ts', /outside the years/],
  ['a ts that avsc misreads', { ts: { ...NOON, year: 1800 } }, 'ts', /outside the years/],
  ['text of another encoding', { attributes: Buffer.from([0xff, 0xfe]) }, 'attributes', /not utf8/],
];
