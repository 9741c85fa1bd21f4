import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import {
  decodeRow,
  encodeRow,
  MemoryDestination,
  MemorySink,
  type Pipeline,
  pipeline,
  rowDifferences,
  sampleRow,
  startSink,
  type WriteHooks,
} from './testing/index.ts';

/** What another archiver has left: ids up to the bound, but those of transactions that committed late. */
const BOUND = 700;
const isLate = (id: number) => id % 9 === 4;
const left = (id: number) => sampleRow(id, { score: -1 });

const idsTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

function archived(): MemoryDestination {
  const destination = new MemoryDestination();
  for (const id of idsTo(BOUND)) {
    if (!isLate(id)) destination.archive(id, encodeRow(left(id)));
  }
  return destination;
}

/** Each id once: as it was left where it was left, and as it is in the topic elsewhere. */
function assertOnce(destination: MemoryDestination, to: number): void {
  const expected = idsTo(to).map((id) => (id <= BOUND && !isLate(id) ? left(id) : sampleRow(id)));
  assert.deepEqual(rowDifferences(expected, destination.datums.map(decodeRow)), []);
}

async function ready(t: TestContext, brokers: string) {
  const p = await pipeline(t, brokers, { partitions: 2 });
  await p.produceIds(1, 1001);
  return { p, asking: { ...p.config, existing_rows: 'anti-join' as const } };
}

const limits = { rows: 100 };

/** Lands all that there is, and stops. */
async function landAll(
  t: TestContext,
  p: Pipeline,
  destination: MemoryDestination,
  config = p.config,
) {
  const running = await startSink(t, new MemorySink(destination, {}, limits), config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  await running.stop();
}

async function bounds(p: Pipeline): Promise<(number | undefined)[]> {
  const commits = [...(await p.commits('memory')).values()];
  return commits.map(({ metadata }) => parseCommitMetadata(metadata, 'test').heldUpTo);
}

test('a group without offsets begins beside rows of others, asks where they may be, and remembers it', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, asking } = await ready(t, brokers);
  const destination = archived();
  const refused = startSink(t, new MemorySink(destination), p.config);
  await assert.rejects(refused, { code: 'offset-missing' });

  await landAll(t, p, destination, asking);
  assertOnce(destination, 1000);
  assert.deepEqual(await bounds(p), [BOUND, BOUND]);
  for (const { first, attempt } of destination.written) {
    // Two partitions, so a range's first id is about twice its offset.
    assert.equal(attempt.heldUpTo, first * 2n < BOUND ? BOUND : undefined, `from ${first}`);
  }

  // From now on without the setting. The topic brings ids again, as late as can be.
  const before = destination.written.length;
  await p.produce(0, [encodeRow(left(3)), encodeRow(sampleRow(1001))]);
  await landAll(t, p, destination);
  assertOnce(destination, 1001);
  assert.deepEqual(destination.written.slice(before)[0]?.attempt.heldUpTo, BOUND);
  assert.deepEqual(await bounds(p), [BOUND, BOUND]);
});

const MOMENTS: Readonly<Record<string, WriteHooks>> = {
  'before it has written anything': { before: (_range, _attempt, signal) => hang(signal) },
  'after it has written': { after: (_range, _attempt, signal) => hang(signal) },
};

async function hang(signal: AbortSignal): Promise<void> {
  await once(signal, 'abort');
  signal.throwIfAborted();
}

for (const [moment, hooks] of Object.entries(MOMENTS)) {
  test(`a sink that dies ${moment} is followed by one without the setting that does the same`, async (t) => {
    const brokers = needServer(t, 'kafka');
    if (!brokers) return;
    const { p, asking } = await ready(t, brokers);
    const destination = archived();
    const dying = await startSink(t, new MemorySink(destination, hooks, limits), asking);
    const pending = async () =>
      [...(await p.commits('memory')).values()].filter(
        ({ metadata }) => parseCommitMetadata(metadata, 'test').pending.length > 0,
      );
    await until(async () => (await pending()).length === 2, { what: 'a range pending in each' });
    await dying.force();
    // Nothing but its rows tells what is there.
    destination.identities.clear();
    await landAll(t, p, destination);
    assertOnce(destination, 1000);
    const replayed = destination.written.filter(({ attempt }) => attempt.replay);
    assert.deepEqual(
      replayed.map(({ attempt }) => attempt.heldUpTo),
      [BOUND, BOUND],
    );
  });
}

test('offsets that were lost are made up for by asking, and no row lands twice', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, asking } = await ready(t, brokers);
  const destination = archived();
  await landAll(t, p, destination, asking);
  await p.admin.deleteGroups([p.groupOf('memory')]);
  destination.identities.clear();
  await p.produceIds(1001, 1201);
  await landAll(t, p, destination, asking);
  assertOnce(destination, 1200);
  assert.deepEqual(await bounds(p), [1000, 1000]);
});

test('with nothing at the destination the setting changes nothing', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, asking } = await ready(t, brokers);
  const destination = new MemoryDestination();
  await landAll(t, p, destination, asking);
  assert.deepEqual(destination.ids(), idsTo(1000));
  assert.deepEqual(await bounds(p), [undefined, undefined]);
  assert.ok(destination.written.every(({ attempt }) => attempt.heldUpTo === undefined));
});
