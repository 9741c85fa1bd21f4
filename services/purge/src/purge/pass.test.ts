import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScorelineError } from '@scoreline/service';

import { Report } from '../report/report.ts';
import { allowanceOf, Died, idsFrom, PurgeWorld, STEPS } from '../testing/purge-world.ts';

const codesOf = (report: Awaited<ReturnType<PurgeWorld['purge']>>) => [
  ...report.refused.map(({ code }) => code),
  ...report.waiting.flatMap(({ reasons }) => reasons.map(({ code }) => code)),
];

/** Two archives that have everything. */
function settled(rows = 1_000): PurgeWorld {
  const world = new PurgeWorld();
  world.addSink('a');
  world.addSink('b');
  world.insert(idsFrom(1, rows));
  world.land('a');
  world.land('b');
  return world;
}

test('what every archive has goes, and leaves a record of each row', async () => {
  const world = settled();
  world.insert(idsFrom(100_001, 100_010), { isOld: false });
  const report = await world.purge();
  assert.deepEqual([...world.rows.keys()], idsFrom(100_001, 100_010));
  assert.deepEqual(codesOf(report), []);
  world.check();
  const [intent, done] = world.records;
  assert.deepEqual([intent?.kind, done?.kind], ['intent', 'done']);
  assert.deepEqual(intent?.sinks, {
    a: {
      dest: 'table 4711',
      committed: { 'log_scores-v1': ['1000'] },
      landed: { since: { 'log_scores-v1': ['0'] } },
    },
    b: {
      dest: 'table 4711',
      committed: { 'log_scores-v1': ['1000'] },
      landed: { since: { 'log_scores-v1': ['0'] } },
    },
  });
});

test('a sink that lags holds its buckets, and only these', async () => {
  const world = new PurgeWorld();
  world.addSink('a');
  world.addSink('b');
  world.insert(idsFrom(60_001, 60_100));
  world.insert(idsFrom(70_001, 70_100));
  world.land('a');
  world.land('b', 150);
  const report = await world.purge();
  assert.deepEqual([...world.rows.keys()], idsFrom(70_001, 70_100));
  assert.deepEqual(
    report.waiting.map(({ rows, fromId, toId, reasons }) => [rows, fromId, toId, reasons[0]?.at]),
    [[100, 70_001, 70_100, { sink: 'b', topic: 'log_scores-v1', partition: 0 }]],
  );
  world.check();
  world.land('b');
  assert.deepEqual(codesOf(await world.purge()), []);
  assert.equal(world.rows.size, 0);
  world.check();
});

test('without sinks, with one left out or one too many nothing goes', async () => {
  for (const [sinks, code] of [
    [undefined, 'sinks-unset'],
    [['a'], 'sink-omitted'],
    [['a', 'b', 'c'], 'sink-unknown'],
  ] as const) {
    const world = settled();
    world.policy = { ...world.policy, sinks };
    assert.deepEqual(codesOf(await world.purge()), [code]);
    assert.equal(world.rows.size, 1_000);
    assert.equal(world.records.length, 0);
  }
});

for (const step of STEPS) {
  test(`a purge that dies before ${step} is continued, and the purge log is complete`, async () => {
    const world = settled();
    for (const nth of [1, 2, 4]) {
      world.at(step, nth, () => {
        throw new Died(step);
      });
    }
    const deaths = await world.purgeThroughDeaths();
    assert.ok(deaths > 0, 'it died');
    assert.equal(world.rows.size, 0);
    world.check();
  });
}

test('a chunk whose commit was not answered is told from the rows that are there', async () => {
  const world = settled(50);
  world.at('committed', 1, () => {
    throw new Died('committed');
  });
  await world.purgeThroughDeaths();
  assert.deepEqual(
    world.records.map(({ kind, rows }) => [kind, rows]),
    [
      ['intent', 50],
      ['resolved', 50],
    ],
  );
  world.check();
});

test('a row that was updated after it was read stays, and capture is not passed by', async () => {
  const world = settled(300);
  world.at('delete', 1, () => world.update(42));
  await assert.rejects(world.purge(), { code: 'capture-behind' });
  assert.ok(world.rows.has(42));
  assert.deepEqual(
    world.records.slice(0, 2).map(({ kind, rows }) => [kind, rows]),
    [
      ['intent', 100],
      ['resolved', 0],
    ],
  );
  world.check();
});

test('a row that was updated, by leave of on_update=count, goes with the next pass', async () => {
  const world = settled(300);
  world.at('delete', 1, () => {
    world.update(42);
    world.isCaptureStopped = false;
  });
  await world.purge();
  assert.equal(world.rows.size, 0);
  world.check();
});

test('rows that somebody else deleted are not ours in the log', async () => {
  const world = settled(300);
  world.at('delete', 2, () => world.rows.delete(150));
  await world.purge();
  assert.equal(world.rows.size, 0);
  world.check({ elsewhere: [150] });
  const noted = world.records
    .filter(({ kind }) => kind === 'done')
    .reduce((n, { rows }) => n + rows, 0);
  assert.equal(noted, 299);
});

test('what was referred to before or after it was read stays', async () => {
  const world = settled(300);
  world.rows.get(7)!.referenced = true;
  world.at('delete', 1, () => (world.rows.get(8)!.referenced = true));
  const report = await world.purge();
  assert.deepEqual([...world.rows.keys()], [7, 8]);
  assert.equal(report.kept.referenced.rows, 2);
  assert.deepEqual(codesOf(report), []);
  world.check();
});

test('locked rows are tried with ever smaller chunks, and the others go', async () => {
  const world = settled(3_000);
  world.locked.add(2_500);
  const report = await world.purge();
  assert.ok(world.rows.has(2_500));
  assert.ok(world.rows.size <= 100, `${world.rows.size} are left`);
  assert.deepEqual(codesOf(report), ['rows-locked']);
  world.check();
  world.locked.clear();
  await world.purge();
  assert.equal(world.rows.size, 0);
  world.check();
});

test('proof that ends between two chunks ends the deletions', async () => {
  const world = settled();
  world.at('delete', 2, () => {
    world.nowMs += 60_000;
    const sink = world.sinks.get('b')!;
    sink.committed = 10;
  });
  const report = await world.purge();
  assert.deepEqual(codesOf(report), ['behind']);
  assert.ok(world.rows.size > 600, `${world.rows.size} are left`);
  world.check();
});

test('a sink that is promoted between two chunks is waited for', async () => {
  const world = settled();
  world.at('delete', 2, () => {
    world.nowMs += 60_000;
    const { archive } = world.sinks.get('a')!;
    world.addSink('late');
    // It had been filled with what was gone by then.
    for (const id of archive) if (id <= 300) world.sinks.get('late')!.archive.add(id);
  });
  const report = await world.purge();
  assert.deepEqual(codesOf(report), ['sink-omitted']);
  assert.ok(world.rows.size > 600, `${world.rows.size} are left`);
  world.check();
});

test('another archiver that begins to move between two chunks ends the deletions', async () => {
  const world = settled();
  world.at('delete', 2, () => {
    world.nowMs += 60_000;
    world.others = [{ kind: 'refuse', code: 'archiver-active', message: 'gcsavro moves' }];
  });
  const report = await world.purge();
  assert.deepEqual(codesOf(report), ['archiver-active']);
  assert.equal(world.rows.size, 700);
  world.check();
});

test('a throttle that begins between two chunks holds the next one', async () => {
  const world = settled();
  world.at('delete', 2, () => {
    world.load.replicaLagMs = null;
    world.nowMs += 1_000;
  });
  await assert.rejects(world.purge(), { code: 'replica-lag' });
  assert.equal(world.rows.size, 700);
  world.check();
});

test('a pause is kept to at once', async () => {
  const world = settled();
  world.at('delete', 1, () => (world.isPaused = true));
  await assert.rejects(world.purge(), { code: 'paused' });
  assert.equal(world.rows.size, 900);
  world.check();
});

test('cleanup_default_batch_size rows go in each cleanup_default_interval', async () => {
  const world = settled();
  const beganAtMs = world.nowMs;
  await world.purge({ allowance: allowanceOf(200, 240_000), mostChunkRows: 100 });
  assert.equal(world.rows.size, 0);
  assert.ok(world.nowMs - beganAtMs >= 4 * 240_000, `${world.nowMs - beganAtMs} ms`);
  world.check();
});

for (const step of ['confirm', 'intent'] as const) {
  test(`a lock that is lost before ${step} deletes nothing more`, async () => {
    const world = settled();
    const lost = new Died(step);
    world.at(step, 2, () => world.lock.abort(lost));
    await assert.rejects(world.purge(), lost);
    assert.equal(world.rows.size, 900);
    world.check();
    await world.purge();
    assert.equal(world.rows.size, 0);
    world.check();
  });
}

test('while capture is behind nothing goes', async () => {
  const world = settled();
  world.isCaptureStopped = true;
  world.insert([100_000], { isOld: false });
  await assert.rejects(world.purge(), { code: 'capture-behind' });
  world.isCaptureStopped = false;
  world.isOtherSource = true;
  await assert.rejects(
    world.purge(),
    ({ code, action }: ScorelineError) => code === 'capture-other-source' && action === 'configure',
  );
  assert.equal(world.rows.size, 1_001);
  world.check();
});

test('ids that the ledger lacks stay, and are told', async () => {
  const world = settled();
  world.insert([500_000, 500_007], { isCaptured: false });
  const report = await world.purge();
  assert.deepEqual([...world.rows.keys()], [500_000, 500_007]);
  assert.deepEqual(codesOf(report), ['not-captured']);
  assert.deepEqual(report.unknown, { rows: 2, fromId: 500_000, toId: 500_007 });
  world.check();
});

test('excluded and declined rows stay unless the settings give them up', async () => {
  for (const choice of ['keep', 'delete'] as const) {
    const world = new PurgeWorld();
    world.addSink('a');
    world.floor = 50;
    world.insert(idsFrom(1, 49), { isCaptured: false });
    world.insert(idsFrom(50, 99));
    world.insert(idsFrom(100, 109), { isExcluded: true });
    world.rows.get(7)!.referenced = true;
    world.land('a');
    world.policy = { ...world.policy, excluded: choice, declined: choice };
    const report = await world.purge();
    assert.deepEqual(
      [...world.rows.keys()],
      choice === 'delete' ? [7] : [...idsFrom(1, 49), ...idsFrom(100, 109)],
    );
    assert.deepEqual(codesOf(report), []);
    world.check();
  }
});

test('a stop lets the chunk in flight end, and begins no other', async () => {
  const world = settled();
  const stopping = new AbortController();
  world.at('delete', 2, () => stopping.abort());
  const halt = { stopping: stopping.signal, signal: new AbortController().signal };
  await assert.rejects(
    world.purger().session(halt, (pass) => pass(new Report())),
    { name: 'AbortError' },
  );
  assert.equal(world.records.at(-1)?.kind, 'done');
  assert.equal(world.rows.size, 700);
  world.check();
});
