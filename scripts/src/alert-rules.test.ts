import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { alertRules, ruleProblems } from './alert-rules.ts';
import { METRICS } from './catalog.ts';
import { describeMetrics } from './metrics-page.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const PAGES = readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(DOCS, name), 'utf8') }));
const SERVED = METRICS.flatMap(describeMetrics);

const metrics = [
  { name: 'scoreline_test_rows', type: 'gauge', labels: ['code', 'sink'], help: '' },
  { name: 'scoreline_test_seconds', type: 'histogram', labels: ['sink'], help: '' },
];
const problems = (expr: string) => ruleProblems({ alert: 'A', expr, for: '1m' }, metrics);

test('every alert rule of the docs names metrics and labels that a service has', () => {
  const rules = PAGES.flatMap(({ name, text }) => alertRules(text).map((rule) => ({ name, rule })));
  const operating = rules.filter(({ name }) => name === '13-operating-the-purge.md');
  assert.ok(operating.length >= 6, `${operating.length} rules`);
  for (const { name, rule } of rules) {
    assert.match(rule.alert, /^\w+$/, name);
    assert.match(rule.for, /^\d+[smhd]$/, `${name}: ${rule.alert}`);
    assert.match(rule.expr, /scoreline_/, `${name}: ${rule.alert}`);
    assert.deepEqual(ruleProblems(rule, SERVED), [], `${name}: ${rule.alert}`);
  }
});

test('every metric that the docs name is one that a service has', () => {
  // So that tables and databases of such names are none.
  const kinds = new Set(SERVED.map(({ name }) => name.split('_', 2).join('_')));
  for (const { name: page, text } of PAGES) {
    for (const [name] of text.matchAll(/\bscoreline_[a-z]\w+/g)) {
      if (!kinds.has(name.split('_', 2).join('_'))) continue;
      assert.ok(
        SERVED.some((served) => served.name === name),
        `${page}: ${name}`,
      );
    }
  }
});

test('PurgeRefuses leaves out what the proof says passes by itself, and nothing else', () => {
  const text = (page: string) => PAGES.find(({ name }) => name === page)?.text ?? '';
  const rules = alertRules(text('13-operating-the-purge.md'));
  const expr = rules.find(({ alert }) => alert === 'PurgeRefuses')?.expr ?? '';
  const leftOut = /scoreline_purge_waiting_rows\{code!~"([^"]*)"\}/.exec(expr)?.[1]?.split('|');
  const [, aboutSinks = ''] = text('12-the-proof.md').split('\n**About one sink');
  const [aboutRows = ''] = aboutSinks.split('\n**About everything.');
  const passing = [...aboutRows.matchAll(/^\| `([\w-]+)`\s*\| wait\s*\|/gm)].map(
    ([, code]) => code,
  );
  assert.ok(passing.includes('behind'));
  assert.deepEqual(new Set(leftOut), new Set(passing));
});

test('a rule of a metric or label that nobody serves is told', () => {
  assert.deepEqual(problems('max by (code) (scoreline_test_rows{sink!~"a|b"}) > 0'), []);
  assert.deepEqual(problems('rate(scoreline_test_seconds_bucket{le="1", job="x"}[5m]) > 1'), []);
  assert.deepEqual(problems('sum(scoreline_test_rows_total) > 0'), [
    'scoreline_test_rows_total is no metric',
  ]);
  assert.deepEqual(problems('scoreline_test_seconds > 1'), ['scoreline_test_seconds is no metric']);
  assert.deepEqual(problems('scoreline_test_rows{reason="x"} > 0'), [
    'scoreline_test_rows has no label reason',
  ]);
  assert.deepEqual(problems('sum by (le, sink) (rate(scoreline_test_seconds_sum[1h]) + (1)) > 0'), [
    'scoreline_test_seconds_sum has no label le',
  ]);
});

test('what is not understood of a rule is told, too', () => {
  assert.deepEqual(problems('sum(scoreline_test_rows) by (nobody) > 0'), [
    'by (nobody) is not before what it groups',
  ]);
  assert.deepEqual(problems('scoreline_test_rows and on (x) vector(1)'), ['on is not looked into']);
});
