import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { inPlaces, Places, WIDE } from './places.ts';
import { workspaces } from './test-files.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const NEVER = new AbortController().signal;

/** Files that run until they are ended, by name; a capital one takes two places. */
function stage() {
  const running = new Map<string, () => void>();
  return {
    running: () => [...running.keys()].join(''),
    run: (file: string) =>
      new Promise<void>((resolve) => {
        running.set(file, resolve);
      }),
    end: async (file: string) => {
      running.get(file)?.();
      running.delete(file);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const of = (file: string): number => (file === file.toUpperCase() ? 2 : 1);

test('beside a wide file runs one other, and three of the others at once', async () => {
  const { running, run, end } = stage();
  const all = inPlaces(['A', 'B', 'c', 'd', 'e', 'f'], 3, { of, signal: NEVER }, run);
  assert.equal(running(), 'Ac');
  await end('c');
  assert.equal(running(), 'Ad', 'B does not fit, and holds nobody up');
  await end('A');
  assert.equal(running(), 'dB', 'its turn came before that of e');
  await end('B');
  assert.equal(running(), 'def');
  for (const file of 'def') await end(file);
  await all;
});

test('a wide file runs where there is one place only, and alone', async () => {
  const { running, run, end } = stage();
  const all = inPlaces(['A', 'b'], 1, { of, signal: NEVER }, run);
  assert.equal(running(), 'A');
  await end('A');
  assert.equal(running(), 'b');
  await end('b');
  await all;
});

test('when it is aborted, no file begins any more, and those that run are waited for', async () => {
  const { running, run, end } = stage();
  const stopping = new AbortController();
  const all = inPlaces(['a', 'b', 'c', 'd'], 3, { of, signal: stopping.signal }, run);
  stopping.abort();
  await end('a');
  await end('b');
  assert.equal(running(), 'c');
  assert.match(inspect(all), /pending/);
  await end('c');
  await all;
});

test('a run that cannot be made fails them all', async () => {
  const failing = inPlaces(['a', 'b'], 1, { of, signal: NEVER }, () =>
    Promise.reject(new Error('no process')),
  );
  await assert.rejects(failing, /no process/);
});

test('wide files are there, and begin first; then come those of the folders with the long ones', async () => {
  const all = (await workspaces(ROOT)).flatMap(({ tests }) => tests);
  const places = new Places(ROOT);
  const order = places.order(all);
  assert.deepEqual(order.toSorted(), all.toSorted());
  const wide = order.filter((file) => places.of(file) === 2);
  assert.deepEqual(wide.toSorted(), WIDE.map((file) => join(ROOT, file)).toSorted());
  assert.deepEqual(order.slice(0, wide.length), wide);
  const folders = order.slice(wide.length).map((file) => file.slice(ROOT.length).split('/')[0]);
  assert.equal(folders[0], 'e2e');
  assert.ok(folders.lastIndexOf('e2e') < folders.indexOf('services'));
  assert.ok(folders.lastIndexOf('services') < folders.indexOf('packages'));
});
