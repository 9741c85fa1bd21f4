import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unlessAborted } from './unless-aborted.ts';

const never = new Promise<never>(() => {});

test('work that ends is what is answered, success and failure', async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(5), signal), 5);
  await assert.rejects(unlessAborted(Promise.reject(new Error('no')), signal), /no/);
});

test('an abort ends the wait, with the signal’s reason', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  controller.abort(new Error('not ours any more'));
  await assert.rejects(waiting, /not ours any more/);
});

test('a signal that was aborted before is heard, and the work’s failure harms nobody', async () => {
  const failing = Promise.reject(new Error('unheard'));
  await assert.rejects(unlessAborted(failing, AbortSignal.abort(new Error('late'))), /late/);
});
