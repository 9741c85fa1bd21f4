import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { LandingWorld, type LifeOptions } from './testing/landing-world.ts';

/** Nothing but age and room ends a range. */
const LARGE = {
  rows: 1e6,
  bytes: Number.POSITIVE_INFINITY,
  minRows: 1e6,
  spacingMs: 0,
  inFlight: 2,
};

/** Members come and go, each with limits of its own, until a last one lands what is left. */
async function run(
  seed: number,
  change: Partial<LifeOptions> = {},
  poison = 0,
): Promise<LandingWorld> {
  const world = new LandingWorld(seed, 1 + (seed % 4), poison);
  const options = (faults: number): LifeOptions => ({
    limits: {
      rows: 1 + world.below(60),
      bytes: Number.POSITIVE_INFINITY,
      minRows: 1 + world.below(3),
      ageMs: world.below(3),
      spacingMs: 0,
      inFlight: 1 + world.below(4),
    },
    bufferBytes: 1000 + world.below(100_000),
    spoolBytes: world.random() < 0.3 ? null : 3000 + world.below(60_000),
    diskBytes: Number.POSITIVE_INFINITY,
    faults,
    ...change,
  });
  for (let life = 0; life < 4; life++) {
    await world.live(options(0.1), delay(world.below(12)), world.random() < 0.5);
  }
  await landWhatIsLeft(world, options(0));
  return world;
}

async function landWhatIsLeft(world: LandingWorld, options: LifeOptions): Promise<void> {
  const landed = new AbortController();
  const tooLong = delay(10_000, undefined, { signal: landed.signal }).catch(() => {});
  await world.live(options, tooLong);
  landed.abort();
}

function assertLanded(world: LandingWorld, seed: number): void {
  assert.deepEqual(world.violations, [], `seed ${seed}`);
  assert.equal(world.lag, 0, `seed ${seed}: lag`);
  assert.deepEqual(
    [...world.times.keys()].sort((a, b) => a - b),
    world.ids.filter((id) => !world.poison.has(id)).sort((a, b) => a - b),
    `seed ${seed}: every row`,
  );
  assert.deepEqual(
    [...world.times].filter(([, times]) => times !== 1),
    [],
    `seed ${seed}: once`,
  );
  assert.deepEqual(world.quarantined, world.poison, `seed ${seed}: quarantine`);
  assert.equal(world.quarantinedCount, world.poison.size, `seed ${seed}: what the commits say`);
}

test('in memory or spooled, several in flight, through any ends of members: every row lands once', async () => {
  let mostInFlight = 0;
  let recommits = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const world = await run(seed * 7919);
    assertLanded(world, seed);
    mostInFlight = Math.max(mostInFlight, world.mostInFlight);
    recommits += world.recommits;
  }
  assert.ok(recommits > 0);
  assert.ok(mostInFlight > 1, 'several were written at a time');
});

test('around records that cannot be read or landed every other row lands once, and each of them is kept', async () => {
  let poison = 0;
  let mostInFlight = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const world = await run(seed * 6_700_417, {}, [0.005, 0.05, 0.4][seed % 3]);
    assertLanded(world, seed);
    poison += world.poison.size;
    mostInFlight = Math.max(mostInFlight, world.mostInFlight);
  }
  assert.ok(poison > 0 && mostInFlight > 1);
});

test('a spool that is always full keeps nothing from landing', async () => {
  let closedEarly = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const world = await run(seed * 104_729, {
      limits: { ...LARGE, ageMs: 40 },
      bufferBytes: 1000,
      spoolBytes: 1,
    });
    assertLanded(world, seed);
    closedEarly += world.closedEarly;
  }
  assert.ok(closedEarly > 0);
});

test('a disk that is always full keeps nothing from landing', async () => {
  let refusals = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const world = new LandingWorld(seed * 15_485_863, 1 + (seed % 4));
    await landWhatIsLeft(world, {
      limits: { ...LARGE, ageMs: 5 },
      bufferBytes: 1000,
      spoolBytes: 1e9,
      diskBytes: 1500,
      faults: 0,
    });
    assertLanded(world, seed);
    refusals += world.refusals;
  }
  assert.ok(refusals > 0);
});
