import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseExclude } from './exclude.ts';
import { excludeProblems } from './preflight.ts';

const NAME = { database: 'ntp', table: 'log_scores' };
const columns = (...names: string[]) =>
  names.map((name) => ({ name, dataType: 'int', unsigned: false }));

test('a rule on a column that the table lacks is told before anything is captured', () => {
  const rules = parseExclude('id=/1/, rtt=/1/, error=/1/, attributes=/1/');
  const messages = excludeProblems(rules, columns('id', 'score'), NAME).map(
    ({ message }) => message,
  );
  assert.deepEqual(messages, [
    'exclude: ntp.log_scores has no column rtt, so that rtt=/.../ would match no row',
    'exclude: ntp.log_scores has no column attributes, so that error=/.../ would match no row',
    'exclude: ntp.log_scores has no column attributes, so that attributes=/.../ would match no row',
  ]);
  assert.deepEqual(excludeProblems(rules, columns('id', 'rtt', 'attributes'), NAME), []);
  assert.deepEqual(excludeProblems(rules, [], NAME), [], 'a table that cannot be seen');
});
