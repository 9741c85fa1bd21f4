import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { logTail } from './log-tail.ts';

test('a log is told in words, from the last start on, with the remedy and what is no JSON', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'log-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'server.log');
  const before = '{"level":"info","msg":"an earlier life"}\n';
  const err = { message: 'position gone', remedy: 'Set initial=all.' };
  const fatal = JSON.stringify({ level: 'fatal', time: '12:00', msg: 'position gone', err });
  await writeFile(file, `${before}${fatal}\nSegmentation fault\n`);
  const tail = await logTail(file, before.length);
  assert.equal(tail, '  12:00 fatal position gone Set initial=all.\n  Segmentation fault');
});

test('of a long log the end is told', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'log-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'server.log');
  await writeFile(file, Array.from({ length: 50_000 }, (_, line) => `line ${line}\n`).join(''));
  const lines = (await logTail(file, 0)).split('\n');
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), '  line 49999');
});
