import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PurgeWorld } from '../testing/purge-world.ts';
import { BasisReader } from './basis.ts';

const { signal } = new AbortController();

/** Every step of reading takes some time. */
function reading(
  world: PurgeWorld,
  { ledgerMs = 0, othersMs = 0, evidenceMs = 0, maxAgeMs = 100 },
) {
  const { ledger, evidence, archives, clock } = world.ground();
  const read: unknown[] = [];
  const port = evidence(new Map());
  const basis = new BasisReader({
    ledger: {
      refresh: async (by) => {
        const state = await ledger.refresh(by);
        read.push(state);
        world.nowMs += ledgerMs;
        return state;
      },
    },
    archives: {
      whyNot: async (by) => {
        world.nowMs += othersMs;
        return archives.whyNot(by);
      },
    },
    evidence: {
      read: async (state, by) => {
        read.push(state);
        world.nowMs += evidenceMs;
        return port.read(state, by);
      },
    },
    clock,
    maxAgeMs,
    signal,
  });
  return { basis, read };
}

test('a basis is as old as what was read of it first', async () => {
  for (const slow of [
    { ledgerMs: 101 },
    { othersMs: 101 },
    { evidenceMs: 101 },
    { othersMs: 60, evidenceMs: 60 },
  ]) {
    const { basis } = reading(new PurgeWorld(), slow);
    await assert.rejects(basis.current(signal), { code: 'evidence-stale', action: 'retry' });
  }
  const world = new PurgeWorld();
  const { basis } = reading(world, { othersMs: 50, evidenceMs: 50 });
  const first = await basis.current(signal);
  assert.equal(await basis.current(signal), first);
  world.nowMs += 1;
  assert.notEqual(await basis.current(signal), first);
});

test('the ledger is read once, and the evidence is of that', async () => {
  const { basis, read } = reading(new PurgeWorld(), {});
  const { state } = await basis.current(signal);
  assert.deepEqual([read.length, read[0] === state, read[1] === state], [2, true, true]);
});
