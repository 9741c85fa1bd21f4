import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Holder, roomFor } from './spool-room.ts';

const holder = (change: Partial<Holder> = {}): Holder => ({
  openBytes: 0,
  leavingBytes: 0,
  isReplay: false,
  canClose: true,
  ...change,
});
const STATE = { budgetBytes: 1000, usedBytes: 1000, wantedBytes: 10, isDiskFull: false };

test('while there is room it is given', () => {
  const asker = holder();
  assert.equal(roomFor(asker, [asker], { ...STATE, usedBytes: 990 }), 'write');
});

test('when the budget is full the largest open range is ended, whoever asks', () => {
  const asker = holder({ openBytes: 300, canClose: false });
  const largest = holder({ openBytes: 400 });
  const third = holder({ openBytes: 300 });
  assert.deepEqual(roomFor(asker, [asker, third, largest], STATE), { close: largest });
  assert.deepEqual(roomFor(asker, [asker, third], STATE), { close: asker });
});

test('while enough is on its way out nothing more is ended', () => {
  const asker = holder({ openBytes: 600, canClose: false });
  const leaving = holder({ openBytes: 100, leavingBytes: 300 });
  assert.equal(roomFor(asker, [asker, leaving], STATE), 'wait');
});

test('a range that is made again is neither ended nor held up by the budget', () => {
  const replay = holder({ openBytes: 700, isReplay: true, canClose: false });
  const other = holder({ openBytes: 300, canClose: false });
  assert.equal(roomFor(replay, [replay, other], STATE), 'write');
  assert.deepEqual(roomFor(other, [replay, other], STATE), { close: other });
});

test('beside nothing but ranges that are made again the others go on, a block beyond the budget', () => {
  const replay = holder({ openBytes: 1000, isReplay: true, canClose: false });
  const asker = holder({ canClose: false });
  assert.equal(roomFor(asker, [replay, asker], STATE), 'write');
});

test('a full disk is waited for, also by a range that is made again', () => {
  const replay = holder({ openBytes: 100, isReplay: true, canClose: false });
  const full = { ...STATE, usedBytes: 100, isDiskFull: true };
  assert.equal(roomFor(replay, [replay], full), 'wait');
  const other = holder({ openBytes: 50 });
  assert.deepEqual(roomFor(replay, [replay, other], full), { close: other });
});

test('however the budget is used, somebody goes on: nobody waits for nothing', () => {
  const holders = fc.array(
    fc.record({
      openBytes: fc.nat(500),
      leavingBytes: fc.constantFrom(0, 0, 100),
      isReplay: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(holders, (all) => {
      // All of them ask at a time, so none can be ended by another.
      const asking = all.map((one) => holder({ ...one, canClose: false }));
      const usedBytes = all.reduce((sum, one) => sum + one.openBytes + one.leavingBytes, 0);
      const state = { ...STATE, budgetBytes: usedBytes, usedBytes };
      const answers = asking.map((asker) => roomFor(asker, asking, state));
      const isLeaving = all.some(({ leavingBytes }) => leavingBytes > 0);
      assert.ok(isLeaving || answers.some((answer) => answer !== 'wait'));
    }),
  );
});
