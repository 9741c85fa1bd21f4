import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { report, type ReportOptions } from './report.ts';

const IMPORT = "import { test } from 'node:test';\n";

/** Runs files with this content, and resolves with the answer, and with what was to be seen. */
async function reported(
  t: TestContext,
  contents: Readonly<Record<string, string>>,
  more: Partial<ReportOptions> = {},
): Promise<{ isGood: boolean; seen: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(folder, { recursive: true }));
  const files = Object.keys(contents).map((name) => join(folder, name));
  for (const file of files) await writeFile(file, IMPORT + contents[basename(file)]!);
  const output = new PassThrough();
  const seen = text(output);
  // Inside of a test, Node runs no others.
  const { NODE_TEST_CONTEXT: context } = process.env;
  delete process.env['NODE_TEST_CONTEXT'];
  t.after(() => {
    if (context !== undefined) process.env['NODE_TEST_CONTEXT'] = context;
  });
  const isGood = await report({
    files,
    places: 3,
    placesOf: () => 1,
    fileTimeoutMs: 60_000,
    signal: new AbortController().signal,
    output,
    nameOf: basename,
    problems: async () => [],
    ...more,
  });
  output.end();
  return { isGood, seen: await seen };
}

test('files that run at once are shown one behind the other, and added up at the end', async (t) => {
  const asked: unknown[] = [];
  const contents = {
    'a.test.mjs':
      "test('a1', () => new Promise((go) => setTimeout(go, 300))); test('a2', () => {});",
    'b.test.mjs': "test('b1', () => {}); test('b2', { skip: true }, () => {});",
    'c.test.mjs': "test('c1', { todo: true }, () => {});",
  };
  const { isGood, seen } = await reported(t, contents, {
    problems: async (totals) => {
      asked.push(totals);
      return [];
    },
  });
  assert.ok(isGood, seen);
  assert.deepEqual(asked, [{ tests: 5, skipped: 1, todo: 1 }]);
  const names = [...seen.matchAll(/\b[abc][12]\b/g)].map(([name]) => name);
  assert.deepEqual(names, ['a1', 'a2', 'b1', 'b2', 'c1']);
  assert.match(seen, /\d+\.\d s {2}a\.test\.mjs\n/);
  assert.match(
    seen,
    /tests 5\n.*suites 0\n.*pass 3\n.*fail 0\n.*cancelled 0\n.*skipped 1\n.*todo 1\n.*duration_ms [\d.]+\n*$/,
  );
});

test('a test that fails and a file that ends badly fail the run, and each is shown at its end', async (t) => {
  const { isGood, seen } = await reported(t, {
    'a.test.mjs': "test('a1', () => { throw new Error('not so'); });",
    'b.test.mjs': 'process.exit(7);',
    'c.test.mjs': "test('c1', () => {});",
  });
  assert.ok(!isGood);
  assert.match(seen, /tests 3\n.*suites 0\n.*pass 1\n.*fail 2\n/);
  const [, failures = ''] = seen.split('failing tests:');
  assert.match(failures, /a1[^]*not so/);
  assert.match(failures, /b\.test\.mjs/);
});

test('a problem of the whole run fails it, and is told before the summary', async (t) => {
  const { isGood, seen } = await reported(
    t,
    { 'a.test.mjs': "test('a1', () => {});" },
    { problems: async () => ['a server has ended'] },
  );
  assert.ok(!isGood);
  assert.match(seen, /FAILED: a server has ended\n[^]*tests 1\n/);
});

test('a file that takes too long is ended, and fails the run', async (t) => {
  const { isGood, seen } = await reported(
    t,
    { 'a.test.mjs': 'setInterval(() => {}, 1000); await new Promise(() => {});' },
    { fileTimeoutMs: 1_000 },
  );
  assert.ok(!isGood);
  assert.match(seen, /tests 1\n[^]*pass 0\n/);
});
