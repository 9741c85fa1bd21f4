import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { besideOthers, checkNobodyAdds, existingRows, heldOf } from './existing-rows.ts';
import { progress } from './progress.ts';
import { quiet, sampleRange, sampleRow } from './testing/index.ts';

const SIGNAL = new AbortController().signal;
const ALONE = { besideVersion: false, heldUpTo: undefined, signal: SIGNAL };
const id = fc.nat(100);

test('a range is asked for exactly when one of its ids may be there', () => {
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1 }), fc.option(id), (ids, bound) => {
      const range = sampleRange(ids.map((one) => sampleRow(one)));
      const beside = bound === null ? {} : { heldUpTo: bound };
      const mayHold = bound !== null && ids.some((one) => one <= bound);
      assert.deepEqual(heldOf(range, beside), mayHold ? { heldUpTo: bound } : {});
    }),
  );
});

test('who asks for a range first stops at exactly the ids above those of before', () => {
  const range = sampleRange([sampleRow(1)]);
  const attempts = fc.record({ number: fc.integer({ min: 1, max: 3 }), replay: fc.boolean() });
  fc.assert(
    fc.property(attempts, id, fc.integer({ min: -1, max: 100 }), (of, heldUpTo, highest) => {
      const check = () => checkNobodyAdds(range, { highest }, { ...of, heldUpTo });
      const isFirst = of.number === 1 && !of.replay;
      if (isFirst && highest > heldUpTo) assert.throws(check, { code: 'existing-rows-grow' });
      else check();
    }),
  );
});

test('first commits say what the destination holds as they are made, all the same', async () => {
  const begun = new Map([0, 3].map((partition) => [partition, progress.initial(5n, 'dest')]));
  const scope = { topic: 't', destination: { name: 'memory' }, log: quiet };
  const asked = { ...scope, existing: { antiJoin: true, ask: async () => 77 } };
  for (const one of (await besideOthers(begun, asked, ALONE)).values()) {
    assert.deepEqual(one, { ...progress.initial(5n, 'dest'), heldUpTo: 77 });
  }
  const empty = { ...scope, existing: { antiJoin: true, ask: async () => null } };
  const unasked = { ...scope, existing: { antiJoin: false, ask: async () => 77 } };
  for (const of of [empty, unasked]) assert.deepEqual(await besideOthers(begun, of, ALONE), begun);
});

test('what another version’s group found there counts for a group that begins without asking', async () => {
  const begun = new Map([[0, progress.initial(0n, 'dest')]]);
  const existing = { antiJoin: false, ask: null };
  const scope = { topic: 't', destination: { name: 'memory' }, log: quiet, existing };
  const beside = await besideOthers(begun, scope, { ...ALONE, heldUpTo: 77 });
  assert.equal(beside.get(0)?.heldUpTo, 77);
});

test('a version that begins beside another’s rows asks, where it can', async () => {
  const begun = new Map([[0, progress.initial(0n, 'dest')]]);
  const scope = { topic: 't', destination: { name: 'memory' }, log: quiet };
  const found = { ...ALONE, besideVersion: true };
  const can = { ...scope, existing: { antiJoin: false, ask: async () => 77 } };
  assert.equal((await besideOthers(begun, can, found)).get(0)?.heldUpTo, 77);
  const cannot = { ...scope, existing: { antiJoin: false, ask: null } };
  assert.equal((await besideOthers(begun, cannot, found)).get(0)?.heldUpTo, undefined);
});

test('a sink that cannot ask its destination refuses the setting', () => {
  const sink = { name: 'files' };
  assert.deepEqual(existingRows(sink, { existing_rows: 'refuse' }, quiet), {
    antiJoin: false,
    ask: null,
  });
  assert.throws(() => existingRows(sink, { existing_rows: 'anti-join' }, quiet), {
    action: 'configure',
    code: 'existing-rows-unasked',
  });
});
