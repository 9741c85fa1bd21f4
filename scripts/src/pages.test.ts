import assert from 'node:assert/strict';
import { test } from 'node:test';

import { duration, ignored, integer, secret, text, withFacts } from '@scoreline/service';
import { z } from 'zod';

import { configurationPage } from './configuration-page.ts';
import { describeMetrics, metricsPage } from './metrics-page.ts';
import { sentenceProblems } from './sentences.ts';
import { staleness } from './stale.ts';

const shared = {
  http_port: integer(8080).describe('Port.'),
  kafka_brokers: text().describe('Brokers.'),
};

const services = [
  {
    service: 'one',
    settings: z.object({
      ...shared,
      linger: duration('50ms').describe('How long a | b waits.'),
      table: withFacts(text().optional().describe('Table.'), { flag: 't', newlyEffective: true }),
      prefix: text('').describe('Prefix.'),
      wait: ignored('Nothing waits.'),
    }),
    actions: { 'look-at-it': { description: 'Looks.' } },
  },
  {
    service: 'two',
    settings: z.object({ ...shared, password: secret('hush-hush').describe('Password.') }),
  },
];

const sources = [
  {
    title: 'Things',
    register: (metrics: Parameters<Parameters<typeof metricsPage>[0][number]['register']>[0]) => {
      metrics.counter('scoreline_test_things_total', 'Things.', ['kind', 'size']);
      metrics.histogram('scoreline_test_wait_seconds', 'Wait.');
    },
  },
];

test('a page of settings: what is shared once, then what is each service’s own', () => {
  const page = configurationPage(services);
  const [, every = '', one = '', two = ''] = page.split('\n## ');
  assert.ok(every.startsWith('Every service\n'));
  assert.match(every, /^\| `http_port` \| integer of at least 0 \| `8080` \| Port\. \|$/m);
  assert.match(every, /^\| `kafka_brokers` \| text \| \*\*required\*\* \| Brokers\. \|$/m);
  assert.match(one, /^\| `linger` \| duration \| `50ms` \| How long a \\\| b waits\. \|$/m);
  assert.match(
    one,
    /^\| `table` \(`-t`\) \| text \| {2}\| Table\. The archiver accepted this and ignored it\. \|$/m,
  );
  assert.match(one, /^\| `prefix` \| text \| empty \| Prefix\. \|$/m);
  assert.match(one, /^\| setting \| why \|\n\| --- \| --- \|\n\| `wait` \| Nothing waits\. \|$/m);
  assert.match(one, /^\| `--look-at-it` \| Looks\. \|$/m);
  assert.doesNotMatch(one + two, /http_port/);
  assert.match(two, /^\| `password` \| text, secret \|/m);
  assert.equal(page, configurationPage(services));
});

test('the default of a secret is not shown', () => {
  assert.doesNotMatch(configurationPage(services), /hush/);
});

test('a page of metrics names type and labels', () => {
  const page = metricsPage(sources);
  assert.match(page, /^## Things$/m);
  assert.match(
    page,
    /^\| `scoreline_test_things_total` \| counter \| `kind`, `size` \| Things\. \|$/m,
  );
  assert.match(page, /^\| `scoreline_test_wait_seconds` \| histogram \| {2}\| Wait\. \|$/m);
  assert.deepEqual(
    describeMetrics(sources[0]!).map(({ name }) => name),
    ['scoreline_test_things_total', 'scoreline_test_wait_seconds'],
  );
});

test('what has no sentence, or a name that is taken, is told', () => {
  assert.deepEqual(sentenceProblems(services, sources), []);
  const bad = [
    {
      service: 'three',
      settings: z.object({ a: text('x'), b: text('x').describe('no capital.') }),
    },
  ];
  assert.deepEqual(sentenceProblems(bad, [...sources, ...sources]), [
    'three: a is not described by a sentence: ""',
    'three: b is not described by a sentence: "no capital."',
    'scoreline_test_things_total is the name of two metrics',
    'scoreline_test_wait_seconds is the name of two metrics',
  ]);
});

test('a stale page is told with its first difference and what to do', () => {
  assert.equal(staleness('docs/x.md', 'a\nb\n', 'a\nb\n'), null);
  assert.match(
    staleness('docs/x.md', 'a\n', null) ?? '',
    /docs\/x\.md is missing: run npm run docs/,
  );
  assert.equal(
    staleness('docs/x.md', 'a\nb\nc\n', 'a\nx\nc\n'),
    'docs/x.md is stale from line 2 on: run npm run docs, and commit it\n- x\n+ b',
  );
  assert.match(
    staleness('docs/x.md', 'a\n', 'a\nmore\n') ?? '',
    /stale from line 2 on[^]*- more\n\+ $/,
  );
});
