import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { PoisonError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import { quarantineTopic } from './quarantine.ts';
import type { RangeLimits } from './sink.ts';
import {
  encodeRow,
  MemoryDestination,
  MemorySink,
  type Pipeline,
  pipeline,
  type RunningSink,
  sampleRow,
  startSink,
  type WriteHooks,
} from './testing/index.ts';

/** Rows that the destination cannot hold, and one that nobody can read. */
const MISFITS = [1, 250, 251, 700, 1000];
const ROWS = Array.from({ length: 1000 }, (_, i) => i + 1);
const GARBAGE = Buffer.from('not a row');

const rows = (ids: readonly number[]) => ids.map((id) => encodeRow(sampleRow(id)));

async function poisoned(t: TestContext, brokers: string): Promise<Pipeline> {
  const p = await pipeline(t, brokers, { partitions: 1 });
  return { ...p, config: { ...p.config, on_poison: 'quarantine' } };
}

/** A destination that cannot hold some rows: it names the first of them, and takes nothing. */
function misfits(hooks: WriteHooks = {}): WriteHooks {
  return {
    ...hooks,
    async before(range, attempt, signal) {
      const { ids } = await range.load();
      await hooks.before?.(range, attempt, signal);
      const row = ids.findIndex((id) => MISFITS.includes(id));
      if (row >= 0) {
        throw new PoisonError(`id ${ids[row]} does not fit`, { code: 'test-misfit', row });
      }
    },
  };
}

/** Ends at its n-th moment: before or after a write, or when a record is in quarantine and no commit says so. */
class Life {
  readonly over: Promise<void>;
  endedAt: 'a write' | 'a quarantine' | null = null;
  readonly hooks: WriteHooks;
  #left: number;
  readonly #onlyAtQuarantine: boolean;
  #end = () => {};
  #arm = () => {};

  constructor(moments: number, onlyAtQuarantine: boolean) {
    this.#left = moments;
    this.#onlyAtQuarantine = onlyAtQuarantine;
    this.over = new Promise((resolve) => (this.#end = resolve));
    const armed = new Promise<void>((resolve) => (this.#arm = resolve));
    this.hooks = {
      before: async (_range, _attempt, signal) => {
        await armed;
        await this.#moment(signal);
      },
      after: (_range, _attempt, signal) => this.#moment(signal),
    };
  }

  armAt({ registry }: RunningSink['metrics']): void {
    const counter = registry.getSingleMetric('scoreline_sink_quarantined_records_total');
    assert.ok(counter);
    Object.assign(counter, {
      inc: () => {
        if (--this.#left > 0) return;
        this.endedAt = 'a quarantine';
        throw new Error('it died');
      },
    });
    this.#arm();
  }

  async #moment(signal: AbortSignal): Promise<void> {
    if (this.#onlyAtQuarantine || --this.#left > 0) return;
    this.endedAt = 'a write';
    this.#end();
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  }
}

async function commitOf(p: Pipeline) {
  const [commit] = (await p.commits('memory')).values();
  assert.ok(commit);
  return { offset: commit.offset, ...parseCommitMetadata(commit.metadata, 'p0') };
}

/** What is in quarantine, by key. */
async function quarantined(p: Pipeline) {
  const topic = quarantineTopic(p.topic);
  const found = new Map<string, { value: Buffer | null; header: (name: string) => string }>();
  const [end] = await p.admin.fetchTopicOffsets(topic);
  if (Number(end?.high) === 0) return found;
  for (let offset = '0'; Number(offset) < Number(end?.high);) {
    const { messages, nextOffset } = await p.admin.fetchPartition({
      topic,
      partition: 0,
      offset,
      maxBytes: 1_000_000,
      maxWaitTimeInMs: 100,
    });
    for (const { key, value, headers } of messages) {
      found.set(String(key), { value, header: (name) => String(headers?.[name]) });
    }
    offset = nextOffset;
  }
  return found;
}

function assertLanded(destination: MemoryDestination): void {
  assert.deepEqual(
    destination.ids(),
    ROWS.filter((id) => !MISFITS.includes(id)),
  );
  assert.deepEqual(destination.twice(), []);
  assert.deepEqual(
    destination.datums.map((datum) => datum.toString('hex')).toSorted(),
    rows(destination.ids())
      .map((datum) => datum.toString('hex'))
      .toSorted(),
  );
}

async function assertQuarantined(p: Pipeline, garbageAt: number): Promise<void> {
  const found = await quarantined(p);
  const offsetOf = (id: number) => (id <= 500 ? id - 1 : id);
  assert.deepEqual(
    [...found.keys()].toSorted(),
    [...MISFITS.map(offsetOf), garbageAt]
      .map((offset) => `memory:${p.topic}:0:${offset}`)
      .toSorted(),
  );
  for (const id of MISFITS) {
    const one = found.get(`memory:${p.topic}:0:${offsetOf(id)}`);
    assert.deepEqual(one?.value?.subarray(5), encodeRow(sampleRow(id)));
    assert.equal(one?.header('why'), `id ${id} does not fit`);
    assert.equal(one?.header('key'), '1');
  }
  const garbage = found.get(`memory:${p.topic}:0:${garbageAt}`);
  assert.deepEqual(garbage?.value?.subarray(5), GARBAGE);
  assert.equal(garbage?.header('code'), 'record-malformed');
  const { first, last, count } = (await commitOf(p)).quarantined ?? {};
  assert.deepEqual([first, last, count], [0n, 1000n, MISFITS.length + 1]);
}

test('records that cannot land go into quarantine as they are, and everything around them lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await poisoned(t, brokers);
  await p.produce(0, [...rows(ROWS.slice(0, 500)), GARBAGE, ...rows(ROWS.slice(500))]);
  const sink = new MemorySink(new MemoryDestination(), misfits());
  const running = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assertLanded(sink.destination);
  await assertQuarantined(p, 500);
  const [gauge] =
    (await running.metrics.registry.getSingleMetric('scoreline_sink_quarantined_records')?.get())
      ?.values ?? [];
  assert.equal(gauge?.value, MISFITS.length + 1);
  await running.stop();

  // The mark stays through restarts and further rows, until an operator has released these very records.
  await p.produce(0, rows([1001]));
  const accept = (offset: bigint) => ({
    ...p.config,
    accept_quarantined: [{ topic: p.topic, partition: 0, offset }],
  });
  const next = await startSink(t, new MemorySink(sink.destination), accept(999n));
  await until(() => sink.destination.ids().includes(1001), { what: 'the next row' });
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.equal((await commitOf(p)).quarantined?.count, MISFITS.length + 1);
  await next.stop();
  const released = await startSink(t, new MemorySink(sink.destination), accept(1000n));
  assert.equal((await commitOf(p)).quarantined, undefined);
  assert.equal((await commitOf(p)).since, 0n);
  await released.stop();
});

class SpoolingSink extends MemorySink {
  readonly spools = true;
}

test('a sink that dies at any step around records that cannot land is followed by one that does the rest', (t) =>
  dieAndGoOn(t, (...sink) => new MemorySink(...sink), { rows: 300 }));

test('so it is with ranges that are spooled, two of them in flight', (t) =>
  dieAndGoOn(t, (...sink) => new SpoolingSink(...sink), { rows: 200, inFlight: 2 }));

async function dieAndGoOn(
  t: TestContext,
  made: (...sink: ConstructorParameters<typeof MemorySink>) => MemorySink,
  limits: Pick<RangeLimits, 'rows' | 'inFlight'>,
): Promise<void> {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await poisoned(t, brokers);
  await p.produce(0, [...rows(ROWS.slice(0, 500)), GARBAGE, ...rows(ROWS.slice(500))]);
  const destination = new MemoryDestination();
  const ends = new Set<unknown>();
  let deaths = 0;
  for (; (await p.lag('memory')) !== 0; deaths++) {
    assert.ok(deaths < 60, 'it comes further with every life');
    const atQuarantine = deaths % 3 === 1;
    const life = new Life(atQuarantine ? 1 : 1 + ((deaths * 5) % 7), atQuarantine);
    const sink = made(destination, misfits(life.hooks), { ...limits, rows: limits.rows + deaths });
    const running = await startSink(t, sink, p.config);
    life.armAt(running.metrics);
    await Promise.race([
      life.over,
      running.done.catch(() => {}),
      until(async () => (await p.lag('memory')) === 0, { what: 'a death, or the end' }),
    ]);
    await running.force();
    ends.add(life.endedAt);
  }
  assert.ok(
    ends.has('a write') && ends.has('a quarantine'),
    `${deaths} deaths, at ${[...ends].join()}`,
  );
  assertLanded(destination);
  await assertQuarantined(p, 500);
}

test('a sink stops when its destination refuses more records than quarantine_limit', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await poisoned(t, brokers);
  await p.produce(0, rows(ROWS.slice(0, 300)));
  const sink = new MemorySink(new MemoryDestination(), misfits());
  const running = await startSink(t, sink, { ...p.config, quarantine_limit: 2 });
  await assert.rejects(running.done, { code: 'quarantine-full', message: /id 251 does not fit/ });
  assert.equal((await commitOf(p)).offset, 250n);
  assert.equal((await commitOf(p)).quarantined?.count, 2);
});
