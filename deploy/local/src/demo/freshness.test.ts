import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Freshness } from './freshness.ts';

test('freshness counts from the commit to the look that finds the row', async () => {
  const landed = new Set<number>();
  const freshness = new Freshness(async () => landed);
  freshness.expect({ id: 1, serverId: 1, at: 1_000 });
  freshness.expect({ id: 2, serverId: 1, at: 1_100 });
  await freshness.check(() => 1_150);
  assert.equal(freshness.quantile(0.5), null, 'nothing has arrived');
  landed.add(1);
  await freshness.check(() => 1_200);
  landed.add(2);
  await freshness.check(() => 2_100);
  await freshness.check(() => 9_000);
  assert.equal(freshness.quantile(0), 200);
  assert.equal(freshness.quantile(0.99), 1_000);
});

test('a row told twice counts once, and the last minute alone counts', async () => {
  const freshness = new Freshness(async (probes) => new Set(probes.map(({ id }) => id)));
  freshness.expect({ id: 1, serverId: 1, at: 0 });
  freshness.expect({ id: 1, serverId: 1, at: 0 });
  await freshness.check(() => 50);
  freshness.expect({ id: 2, serverId: 1, at: 100_000 });
  await freshness.check(() => 100_007);
  assert.equal(freshness.quantile(0), 7);
});
