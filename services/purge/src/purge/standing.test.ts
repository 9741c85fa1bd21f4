import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError, RetryableError } from '@scoreline/service';

import { Report } from '../report/report.ts';
import { PurgeWorld } from '../testing/purge-world.ts';

const NEXT = { id: 100, nextRows: 100 };
const DELETED = { kind: 'deleted', rows: 100, ms: 5 } as const;

/** A walk that began, failed, and was begun again. */
function begunAgain() {
  const standing = new PurgeWorld().standing();
  standing.leads(true);
  standing.begins(null, null);
  assert.equal(standing.notReady(), null);
  standing.failed(new RetryableError('capture is behind', { code: 'capture-behind' }), 500);
  standing.leads(false);
  standing.leads(true);
  standing.begins(null, null);
  return standing;
}

test('what ended a walk is told until another one has come past it', () => {
  const standing = begunAgain();
  assert.equal(standing.notReady(), 'capture is behind');
  assert.equal(standing.status().problem?.code, 'capture-behind');
  standing.chunk({ kind: 'collided' }, NEXT);
  standing.held(null, 0);
  assert.equal(standing.notReady(), 'capture is behind');
});

for (const [what, past] of [
  ['a chunk is deleted', (standing) => standing.chunk(DELETED, NEXT)],
  ['a lot is done with', (standing) => standing.reached(new Report(), 100)],
  ['the next chunk is held back', (standing) => standing.held({ code: 'paused', message: '' }, 0)],
  ['the walk ends', (standing) => standing.ended(new Report())],
] as const satisfies readonly (readonly [
  string,
  (standing: ReturnType<typeof begunAgain>) => void,
])[]) {
  test(`it is past it when ${what}`, () => {
    const standing = begunAgain();
    past(standing);
    assert.equal(standing.notReady(), null);
    assert.equal(standing.status().problem, null);
  });
}

test('whoever is not the one any more is not held back by anything', async () => {
  const world = new PurgeWorld();
  const standing = world.standing();
  const held = async () => {
    const throttled = world.metrics.registry.getSingleMetric('scoreline_purge_throttled')!;
    return (await throttled.get()).values.map(({ value }) => value);
  };
  standing.leads(true);
  standing.held({ code: 'paused', message: '' }, 0);
  assert.deepEqual(await held(), [1]);
  standing.leads(false);
  assert.deepEqual(await held(), []);
  assert.equal(standing.status().throttle, null);
});

test('whoever waits for a lock says so, and what it had met before when it has it', () => {
  const standing = new PurgeWorld().standing();
  standing.waitsForLock({ kind: 'wait', code: 'locks-held', message: 'another purge runs' });
  assert.equal(standing.notReady(), 'another purge runs');
  standing.leads(true);
  standing.begins(null, null);
  assert.equal(standing.notReady(), null);

  standing.failed(new ConfigError('no grant', { code: 'purge-preflight' }), 500);
  standing.leads(false);
  standing.waitsForLock({ kind: 'wait', code: 'locks-held', message: 'another purge runs' });
  assert.equal(standing.notReady(), 'another purge runs');
  standing.leads(true);
  assert.equal(standing.notReady(), 'no grant');
});
