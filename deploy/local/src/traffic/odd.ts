import { goJson } from './attributes.ts';
import type { LogScoreRow } from './measurement.ts';
import type { Random } from './random.ts';

/**
 * Attributes that no struct of the pool would write, but that years of other programs, versions and
 * hands may have left in the table.
 */
export const ODD_ATTRIBUTES: readonly string[] = [
  // Not JSON, or not an object.
  '',
  ' ',
  'null',
  '[]',
  '"leap"',
  '17',
  '{"leap":1',
  '{"leap":1}}',
  "{'leap':1}",
  'i/o timeout',
  // An object, written in another way than Go's.
  '{}',
  '{ "leap": 1 }',
  '{"error":"i/o timeout","leap":1}',
  '{"leap":1,"leap":2}',
  '{"leap":0,"no_response":false,"error":""}',
  '{"leap":1e0}',
  '{"leap":1.0}',
  '{"leap":-0}',
  '{"error":"i\\/o timeout"}',
  '{"error":"\\u0069/o timeout"}',
  '{"error":"a -> b & c <d>"}',
  '{"error":"i/o timeout"}\n',
  // Keys and types that the struct does not have.
  '{"leap":1,"zone":"europe","extra":{"deep":[1,2,{"er":null}]}}',
  '{"Leap":1}',
  '{"leap":"1"}',
  '{"leap":null}',
  '{"leap":1.5}',
  '{"leap":true,"no_response":1}',
  '{"error":17}',
  '{"error":["i/o timeout"]}',
  '{"__proto__":{"leap":1}}',
  // Numbers at the edges of their types.
  '{"leap":127,"stratum":16}',
  '{"leap":255}',
  '{"leap":256}',
  '{"leap":300}',
  '{"leap":-1}',
  '{"stratum":-128}',
  '{"leap":2147483648}',
  '{"from_ls_id":9007199254740990}',
  '{"from_ls_id":9007199254740991}',
  '{"from_ls_id":9007199254740993}',
  '{"from_ls_id":18446744073709551615}',
  '{"from_ls_id":-1}',
  '{"from_ls_id":1e300}',
  // Text at the edges of its encoding.
  '{"error":"Zeitüberschreitung – 時間切れ"}',
  '{"error":"tab\\tnewline\\nquote\\"backslash\\\\bell\\u0007"}',
  '{"error":"\\u0000"}',
  '{"error":"\\ud83d\\ude00"}',
  '{"error":"\\ud800"}',
  '{"error":"\u2028\\u2028"}',
  '\uFEFF{"leap":1}',
  '{"leap":1}\0',
];

const EXTREMES = [
  5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  0.1 + 0.2,
  1 / 3,
  -0,
  2 ** 53 + 2,
  1e-7,
  123_456_789.123_456_79,
];

/** A row whose odd parts make programs stumble; everything in it fits its columns. */
export function oddRow(random: Random, row: LogScoreRow): LogScoreRow {
  switch (random.between(0, 5)) {
    case 0:
      return { ...row, attributes: 'x'.repeat(random.between(1, 60)).repeat(1000) };
    case 1:
      return {
        ...row,
        attributes: goJson({ leap: 1, error: 'e<'.repeat(random.between(1, 8000)) }),
      };
    case 2:
      return { ...row, monitorId: null, offset: null, rtt: null, attributes: null };
    case 3:
      return {
        ...row,
        score: random.pick(EXTREMES),
        step: random.pick(EXTREMES),
        offset: random.pick(EXTREMES),
        rtt: random.pick([-8_388_608, 8_388_607, -1, 0]),
      };
    default:
      return { ...row, attributes: random.pick(ODD_ATTRIBUTES) };
  }
}
