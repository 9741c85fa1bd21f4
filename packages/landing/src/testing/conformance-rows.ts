import { FIRST_DAY_US, type SampleRow, sampleRow } from './sample-rows.ts';

const DAY_US = 86_400_000_000;

/** Rows of two days: what divides by day lands them in two places. */
export function rowsOf(firstId: number, count: number, change: Partial<SampleRow> = {}) {
  return Array.from({ length: count }, (_, i) =>
    sampleRow(firstId + i, { ts: FIRST_DAY_US + (i % 2) * DAY_US + i, ...change }),
  );
}

const NULLS: Partial<SampleRow> = {
  monitor_id: null,
  offset: null,
  rtt: null,
  leap: null,
  stratum: null,
  no_response: null,
  error: null,
  warning: null,
  from_ls_id: null,
  from_ss_id: null,
  attributes: null,
};

/** Every column at the limits of what the source can have in it, and text that is easily damaged. */
export const EXTREME_ROWS: readonly SampleRow[] = [
  sampleRow(1, NULLS),
  sampleRow(2 ** 53 - 2, { ts: 1, server_id: 2 ** 32 - 1, monitor_id: 2 ** 32 - 1, leap: 255 }),
  sampleRow(2 ** 31, { ts: 0, rtt: -(2 ** 31), from_ls_id: 2 ** 53 - 2, from_ss_id: 0 }),
  sampleRow(2 ** 32, { ts: 4_294_967_295_999_999, rtt: 2 ** 31 - 1, server_id: 0, monitor_id: 0 }),
  sampleRow(10, { score: -1.7976931348623157e308, step: 5e-324, offset: -0.1, stratum: 255 }),
  sampleRow(11, { score: 0.1 + 0.2, step: -0, offset: 2.2250738585072014e-308, stratum: 0 }),
  sampleRow(12, { no_response: true, leap: 0 }),
  sampleRow(13, { no_response: false, rtt: 0 }),
  sampleRow(14, { error: '', warning: '', attributes: '' }),
  sampleRow(15, { error: '"\\\'`,;\t\r\n', warning: 'ü漢\u{1f600}\u200f', attributes: 'NULL' }),
  sampleRow(16, { error: '\\N', warning: ' x ', attributes: '{"a": [1, "\\u0000"], "b": "é"}' }),
  sampleRow(17, { error: 'x'.repeat(70_000), attributes: `{"long": "${'ß'.repeat(40_000)}"}` }),
  sampleRow(18, { extra: { b: '', a: 'ü漢\u{1f600}', '': 'NULL' } }),
];
