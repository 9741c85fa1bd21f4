import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { parseCommitMetadata } from '@scoreline/landing';
import { MemorySink, type Pipeline, pipeline, quiet, startSink } from '@scoreline/landing/testing';
import { type Roster, readLedgerSnapshot, ledgerTopic } from '@scoreline/ledger';
import { createMetrics, loadConfig, PermanentError, RetryableError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { settings } from '../config.ts';
import { commitAs } from '../testing/commit-as.ts';
import { writeLedgerAsOf } from '../testing/ledger-records.ts';
import { activeSink } from '../testing/proofs.ts';
import { deleteRecords } from './delete-records.ts';
import { trimMetrics } from './metrics.ts';
import { TrimPart } from './trim-part.ts';
import { trim } from './verb.ts';

/** Rows of a partition, whose transaction ends with a marker. */
const ROWS = 100;

interface Scene {
  readonly p: Pipeline;
  /** What the verb says, and resolves with. */
  readonly verb: (
    given?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly isFine: boolean; readonly said: string }>;
  readonly commit: (
    sink: string,
    offset: bigint,
    metadata?: Parameters<typeof commitAs>[2][number]['metadata'],
  ) => Promise<void>;
  readonly starts: () => Promise<readonly string[]>;
}

/** A topic of two partitions with rows in both, a ledger that knows them, and x and y to hold them. */
async function scene(t: TestContext, roster: Roster): Promise<Scene | null> {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return null;
  const p = await pipeline(t, brokers, { partitions: 2 });
  await p.produceIds(0, 2 * ROWS);
  await writeLedgerAsOf(p, { topicEnds: { [p.topic]: [ROWS, ROWS] }, roster });
  const groups = ['x', 'y', 'z'].map((sink) => p.groupOf(sink));
  t.after(() => p.admin.deleteGroups(groups).catch(() => {}));
  return {
    p,
    async verb(given = {}) {
      const config = configOf(p, given);
      const lines: string[] = [];
      const print = (line: string) => void lines.push(line);
      const isFine = await trim({ config, log: quiet, signal: t.signal, print });
      return { isFine, said: lines.join('\n') };
    },
    commit: (sink, offset, metadata) =>
      commitAs(
        p.kafka,
        { group: p.groupOf(sink), topic: p.topic },
        [0, 1].map((partition) => ({ partition, offset, ...(metadata && { metadata }) })),
      ),
    async starts() {
      const found = await p.admin.fetchTopicOffsets(p.topic);
      return found.toSorted((a, b) => a.partition - b.partition).map(({ low }) => low);
    },
  };
}

function configOf({ env }: Pipeline, given: Readonly<Record<string, string>>) {
  const { schema_registry_url: _registry, ...kafka } = env;
  const own = { database_dsn: 'u:p@tcp(h:3306)/d', sinks: 'x', topic_keep: '0s', ...given };
  return loadConfig(settings, { ...kafka, ...own });
}

const X = [activeSink('x')];

test('--trim prints the plan, and with its digest deletes what every sink has landed', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, verb, commit, starts } = made;
  await commit('x', 60n);
  const planned = await verb();
  assert.ok(planned.isFine, planned.said);
  assert.match(planned.said, /v1\[0\]: 60 offsets go, from 0 to before 60/);
  assert.match(planned.said, /waits \(behind\): sink x, .*committed 60, 100 is needed/);
  assert.deepEqual(await starts(), ['0', '0'], 'the plan alone deletes nothing');

  await assert.rejects(verb({ plan_digest: 'another' }), (error: unknown) => {
    assert.ok(error instanceof PermanentError && error.code === 'plan-changed');
    return true;
  });
  assert.deepEqual(await starts(), ['0', '0']);

  const digest = digestOf(planned.said);
  // It lands on meanwhile: the plan is the same, and goes as far as it is proven then.
  await commit('x', 70n);
  const applied = await verb({ plan_digest: digest });
  assert.match(applied.said, /v1\[1\] begins at 70/);
  assert.deepEqual(await starts(), ['70', '70']);

  // All rows, and not the marker behind them.
  await commit('x', 101n);
  await verb({ plan_digest: digestOf((await verb()).said) });
  assert.deepEqual(await starts(), ['100', '100']);
  assert.match((await verb()).said, /^nothing goes$/m);
  assert.equal((await p.admin.fetchTopicOffsets(p.topic))[0]?.high, '101');
});

test('what is younger than topic_keep stays', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  await made.commit('x', 101n);
  const { said } = await made.verb({ topic_keep: '1h' });
  assert.match(said, /nothing goes/);
});

test('a group that no roster names keeps its records, and so does one without an offset', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, verb, commit, starts } = made;
  await commit('x', 100n);
  await commitAs(p.kafka, { group: p.groupOf('y'), topic: p.topic }, [
    { partition: 0, offset: 30n, metadata: { dest: 'elsewhere' } },
  ]);
  const planned = await verb();
  assert.equal(planned.isFine, false, planned.said);
  assert.match(planned.said, /v1\[0\]: 30 offsets go/);
  assert.match(planned.said, /v1\[1\]: nothing goes.*\n.*REFUSED \(offset-missing\): sink y/);
  const applied = await verb({ plan_digest: digestOf(planned.said) });
  assert.equal(applied.isFine, false);
  assert.deepEqual(await starts(), ['30', '0']);
});

test('a retired sink keeps nothing, and a configuration that omits an active one deletes nothing', async (t) => {
  const made = await scene(t, [...X, { ...activeSink('y'), state: 'retired' }, activeSink('z')]);
  if (made === null) return;
  await made.commit('x', 100n);
  await made.commit('y', 10n);
  await made.commit('z', 80n);
  const omitted = await made.verb();
  assert.equal(omitted.isFine, false);
  assert.match(omitted.said, /REFUSED \(sink-omitted\)/);
  assert.match(omitted.said, /nothing goes/);
  const { said } = await made.verb({ sinks: 'x,z' });
  assert.match(said, /v1\[0\]: 80 offsets go/);
});

test('the service trims by itself as sinks land, and keeps everything of one that goes back', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, commit, starts } = made;
  await commit('x', 40n);
  const registry = createMetrics();
  const refresh = (signal: AbortSignal) =>
    readLedgerSnapshot(p.kafka, ledgerTopic(p.table, p.config.topic_prefix), { signal });
  const part = new TrimPart({
    kafka: p.kafka,
    ledger: { refresh },
    config: configOf(p, { trim_interval: '100ms' }),
    metrics: trimMetrics(registry),
    log: quiet,
  });
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(async () => (await starts()).join() === '40,40', { what: 'the first 40' });
  await commit('x', 90n);
  await until(async () => (await starts()).join() === '90,90', { what: 'up to 90' });
  const trimmed = registry.registry.getSingleMetric('scoreline_purge_trimmed_offsets_total');
  const counted = async () => (await trimmed!.get()).values.map(({ value }) => value).join();
  // The brokers have done it before their answer is there.
  await until(async () => (await counted()) === '90,90', { what: 'a count of 90 in both' });

  await p.produceIds(1000, 1200);
  await writeLedgerAsOf(p, { topicEnds: { [p.topic]: [201, 201] }, roster: X });
  await commit('x', 110n, { quarantined: { count: 1, first: 95n, last: 95n } });
  const held = (code: string) => async () => {
    const gauge = registry.registry.getSingleMetric('scoreline_purge_trim_held_partitions');
    const found = (await gauge!.get()).values.find(({ labels }) => labels['code'] === code);
    return found?.value === 2;
  };
  await until(held('quarantined'), { what: 'the quarantine' });
  await commit('x', 105n);
  await until(held('offset-moved-back'), { what: 'the offset that went back' });
  assert.deepEqual(await starts(), ['95', '95']);
});

test('the service goes on when a topic that was retired is deleted', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, commit, starts } = made;
  const old = `${p.topic}-old`;
  await p.admin.createTopics({ topics: [{ topic: old, numPartitions: 1 }], waitForLeaders: true });
  await writeLedgerAsOf(p, { topicEnds: { [p.topic]: [ROWS, ROWS], [old]: [0] } });
  const ledger = await readLedgerSnapshot(p.kafka, ledgerTopic(p.table, p.config.topic_prefix), {
    signal: t.signal,
  });
  const retirement = { topic: old, successor: p.topic, ends: [0], groups: [], atMs: 0, by: 'a@b' };
  let isRetired = false;
  const refresh = async () =>
    isRetired ? { ...ledger, retired: new Map([[old, retirement]]) } : ledger;
  await commit('x', 10n);
  const part = new TrimPart({
    kafka: p.kafka,
    ledger: { refresh },
    config: configOf(p, { trim_interval: '20ms' }),
    metrics: trimMetrics(createMetrics()),
    log: quiet,
  });
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(async () => (await starts()).join() === '10,10', { what: 'the first 10' });
  isRetired = true;
  const others = p.kafka.admin();
  await others.connect();
  await others.deleteTopics({ topics: [old] });
  await others.disconnect();
  await commit('x', 20n);
  const offsets = p.kafka.admin();
  t.after(() => offsets.disconnect());
  await offsets.connect();
  const isTrimmed = async () =>
    (await offsets.fetchTopicOffsets(p.topic)).every(({ low }) => low === '20');
  await until(isTrimmed, { what: 'up to 20' });
});

test('a sink lands on behind what was trimmed, and one that begins later begins there', async (t) => {
  const made = await scene(t, []);
  if (made === null) return;
  const { p, verb, starts } = made;
  const first = new MemorySink();
  const running = await startSink(t, first, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  await running.stop();
  const dest = first.destination.fingerprint;
  const roster = [activeSink('memory', { dest })];
  await writeLedgerAsOf(p, { topicEnds: { [p.topic]: [ROWS, ROWS] }, roster });
  const sinks = { sinks: 'memory' };
  await verb({ ...sinks, plan_digest: digestOf((await verb(sinks)).said) });
  assert.deepEqual(await starts(), ['100', '100']);

  await p.produceIds(2 * ROWS, 3 * ROWS);
  const again = await startSink(t, first, p.config);
  await until(() => first.destination.times.size === 3 * ROWS, { what: 'the rows since' });
  assert.deepEqual(first.destination.twice(), []);
  await again.stop();

  await p.admin.deleteGroups([p.groupOf('memory')]);
  const later = new MemorySink();
  await startSink(t, later, p.config);
  await until(() => later.destination.times.size === ROWS, { what: 'what is left' });
  for (const { metadata } of (await p.commits('memory')).values()) {
    assert.equal(parseCommitMetadata(metadata, 'test').since, 100n);
  }
});

test('a topic that is gone is told, and so is a ledger that names it', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, verb } = made;
  await writeLedgerAsOf(p, { topicEnds: { [`${p.topic}-gone`]: [5] } });
  await assert.rejects(verb(), (error: unknown) => {
    assert.ok(error instanceof PermanentError && error.code === 'topic-missing', String(error));
    return true;
  });
});

test('of several partitions one that fails is told, and the others are trimmed', async (t) => {
  const made = await scene(t, X);
  if (made === null) return;
  const { p, starts } = made;
  const at = { topic: p.topic, logStart: 0n, reasons: [] };
  const trimmed: number[] = [];
  // Kafka deletes nothing behind the end.
  const decisions = [
    { ...at, partition: 0, below: 5000n },
    { ...at, partition: 1, below: 20n },
  ];
  await assert.rejects(
    deleteRecords(p.admin, decisions, {
      signal: t.signal,
      trimmed: ({ partition }) => trimmed.push(partition),
    }),
    (error: unknown) => {
      assert.ok(error instanceof RetryableError && error.code === 'trim-unfinished');
      assert.match(error.message, /v1\[0\] to 5000: OFFSET_OUT_OF_RANGE/);
      return true;
    },
  );
  assert.deepEqual(trimmed, [1]);
  assert.deepEqual(await starts(), ['0', '20']);
});

function digestOf(said: string): string {
  return /--plan-digest (\w+)/.exec(said)![1]!;
}
