import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import {
  type Backfilled,
  backfilled,
  decodeRow,
  MemoryDestination,
  MemorySink,
  type Pipeline,
  pipeline,
  rowDifferences,
  sampleRow,
  startSink,
  type WriteHooks,
} from './testing/index.ts';

/** The topic begins here for a sink that was added later: what is below has landed elsewhere, and was deleted. */
const BEGUN_AT = 301;
const ROWS = 600;
const limits = { rows: 100 };
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

interface World {
  readonly p: Pipeline;
  readonly more: Backfilled;
  readonly destination: MemoryDestination;
}

/** Rows below were published once more, and some of those that are still in the topic. */
async function world(t: TestContext): Promise<World | null> {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return null;
  const p = await pipeline(t, brokers, { partitions: 2 });
  await p.produceIds(1, BEGUN_AT);
  const ends = await p.admin.fetchTopicOffsets(p.topic);
  await p.admin.deleteTopicRecords({
    topic: p.topic,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
  });
  await p.produceIds(BEGUN_AT, ROWS + 1);
  const more = await backfilled(p, 'memory');
  await more.produce(range(1, 451));
  return { p, more, destination: new MemoryDestination() };
}

async function landAll(t: TestContext, { p, more, destination }: World): Promise<void> {
  const running = await startSink(t, new MemorySink(destination, {}, limits), p.config);
  await until(async () => (await p.lag('memory')) === 0 && (await more.lag()) === 0, {
    what: 'both topics landed',
  });
  await running.stop();
}

function assertOnce({ destination }: World, to = ROWS): void {
  const rows = range(1, to + 1).map((id) => sampleRow(id));
  assert.deepEqual(rowDifferences(rows, destination.datums.map(decodeRow)), []);
}

test('a backfill waits for what the sink has to land before it, and lands what is not there', async (t) => {
  const made = await world(t);
  if (made === null) return;
  const { p, more, destination } = made;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const hooks: WriteHooks = { before: () => gate };
  const running = await startSink(t, new MemorySink(destination, hooks, limits), p.config);
  const part = running.parts.find(({ name }) => name === 'backfill');
  assert.deepEqual(part?.status?.(), { topic: more.topic, standing: 'later' });
  assert.equal(part.notReady?.(), null, 'what is landed meanwhile is ready all the same');
  open();
  await until(async () => (await more.lag()) === 0, { what: 'the backfill landed' });
  assertOnce(made);
  const isMore = destination.written.map(({ identity }) => identity.includes('.backfill.'));
  assert.equal(isMore.indexOf(true), isMore.lastIndexOf(false) + 1, 'one after the other');
  assert.ok(
    destination.written.every(({ attempt }, at) => (attempt.heldUpTo !== undefined) === isMore[at]),
    'of the topic’s own ranges nothing is asked',
  );

  // What comes later, of either, while it runs.
  await p.produceIds(ROWS + 1, ROWS + 51);
  await until(async () => (await p.lag('memory')) === 0, { what: 'more of the topic' });
  await more.produce(range(440, ROWS + 51));
  await until(async () => (await more.lag()) === 0, { what: 'more of the backfill' });
  await running.stop();
  assertOnce(made, ROWS + 50);
});

const MOMENTS: Readonly<Record<string, WriteHooks>> = {
  'before it has written': {
    before: ({ identity }, _attempt, signal) => hang(identity, signal),
  },
  'after it has written': {
    after: ({ identity }, _attempt, signal) => hang(identity, signal),
  },
};

async function hang(identity: string, signal: AbortSignal): Promise<void> {
  if (!identity.includes('.backfill.')) return;
  await once(signal, 'abort');
  signal.throwIfAborted();
}

for (const [moment, hooks] of Object.entries(MOMENTS)) {
  test(`a sink that dies ${moment} a range of a backfill lands no row of it twice`, async (t) => {
    const made = await world(t);
    if (made === null) return;
    const { p, more, destination } = made;
    const dying = await startSink(t, new MemorySink(destination, hooks, limits), p.config);
    const pending = async () =>
      (await more.metadata()).filter(
        (text) => parseCommitMetadata(text, 'test').pending.length > 0,
      );
    await until(async () => (await pending()).length === 2, { what: 'a range pending in each' });
    await dying.force();
    // Nothing but its rows tells what is there.
    destination.identities.clear();
    await landAll(t, made);
    assertOnce(made);
  });
}

test('a sink that cannot ask for rows of its own refuses a backfill, and one of another sink is not its', async (t) => {
  const made = await world(t);
  if (made === null) return;
  const { p, destination } = made;
  class Unasked extends MemorySink {
    override readonly findsOwnRows: boolean = false;
  }
  const refused = startSink(t, new Unasked(destination, {}, limits), p.config);
  await assert.rejects(refused, { code: 'backfill-unasked' });
  class Other extends MemorySink {
    override readonly name: string = 'other';
  }
  const other = new MemoryDestination();
  const running = await startSink(t, new Other(other, {}, limits), p.config);
  const part = running.parts.find(({ name }) => name === 'backfill');
  assert.deepEqual(part?.status?.(), { topic: `${p.topic}.backfill.other`, standing: 'absent' });
  await until(async () => (await p.lag('other')) === 0);
  await running.stop();
  assert.deepEqual(other.ids(), range(BEGUN_AT, ROWS + 1));
});
