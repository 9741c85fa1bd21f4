import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { BUCKET_IDS } from '@scoreline/ledger';
import { RELEASED } from '@scoreline/schema';
import { RetryableError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import {
  auditsOf,
  encodeRow,
  MemorySink,
  type Pipeline,
  pipeline,
  quiet,
  recordIds,
  sampleRow,
  startSink,
} from '../testing/index.ts';
import { auditOf } from './audit-of-sink.ts';
import { isClean, textReport } from './audit-report.ts';

const SIGNAL = new AbortController().signal;

/** More than a bucket of ids begins here, so that the one before is closed. */
const NEXT = BUCKET_IDS + 5;

async function world(t: TestContext): Promise<Pipeline | null> {
  const brokers = needServer(t, 'kafka');
  return brokers === '' ? null : pipeline(t, brokers, { partitions: 2 });
}

async function landed(p: Pipeline): Promise<void> {
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
}

function asked(sink: MemorySink, { config }: Pipeline) {
  const { fingerprint } = sink.destination;
  const audit = auditOf({ sink, config, catalog: RELEASED, log: quiet });
  return async () => (await audit({ dest: fingerprint, kind: 'asked', signal: SIGNAL })).outcome;
}

const archived = (sink: MemorySink, id: number) =>
  sink.destination.archive(id, encodeRow(sampleRow(id)));

const lose = ({ destination: { datums } }: MemorySink, index: number) => datums.splice(index, 1);

test('rows that are captured and land while an audit runs are no difference', async (t) => {
  const p = await world(t);
  if (p === null) return;
  const ids = [1, 2, 3, 4];
  await p.produceIds(1, 5);
  await recordIds(p, ids);
  const sink = new MemorySink();
  await startSink(t, sink, p.config);
  await landed(p);
  const told = sink.heldIds.bind(sink);
  sink.heldIds = async function* (span) {
    await p.produceIds(5, 7);
    await landed(p);
    await recordIds(p, [...ids, 5]);
    yield* told(span);
  };
  const outcome = await asked(sink, p)();
  assert.deepEqual([outcome.unknown.ranges, outcome.missing.count], [['6'], 0]);
});

test('rows that have not landed yet are waited for, not missing', async (t) => {
  const p = await world(t);
  if (p === null) return;
  await p.produceIds(1, 11);
  await recordIds(p, [1, 2, 3]);
  const sink = new MemorySink();
  const running = await startSink(t, sink, p.config);
  await landed(p);
  await running.stop();
  await p.produceIds(NEXT, NEXT + 10);
  const late = Array.from({ length: 10 }, (_, i) => NEXT + i);
  await recordIds(p, [...Array.from({ length: 10 }, (_, i) => i + 1), ...late]);
  const outcome = await asked(sink, p)();
  assert.equal(outcome.missing.count, 0);
  assert.deepEqual(
    outcome.waiting.map(({ bucket }) => bucket),
    [0, 1],
  );
  assert.ok(!isClean(outcome), 'where nothing was compared nothing is known');
  assert.match(
    textReport(outcome, { sink: 'memory', destination: 'memory' }).join('\n'),
    /has been landed up to \d+, and has its rows up to \d+.*\nNOTHING COMPARED$/s,
  );
  assert.equal((await auditsOf(p, 'memory')).audits.length, 0);
});

test('what a destination holds is unknown also where nothing can be compared', async (t) => {
  const p = await world(t);
  if (p === null) return;
  await recordIds(p, []);
  const sink = new MemorySink();
  archived(sink, 7);
  const report = async () => {
    const outcome = await asked(sink, p)();
    assert.deepEqual(outcome.unknown.ranges, ['7']);
    assert.ok(!isClean(outcome));
    return textReport(outcome, { sink: 'memory', destination: 'memory' }).at(-1);
  };
  assert.equal(await report(), 'DIFFERENT', 'the ledger has nothing');
  await p.produceIds(NEXT, NEXT + 2);
  await recordIds(p, [NEXT, NEXT + 1]);
  assert.equal(await report(), 'DIFFERENT', 'and nothing of it has landed');
});

test('a sink audits by itself what it has landed since, and records it; an answer that is cut off is asked for again', async (t) => {
  const p = await world(t);
  if (p === null) return;
  const closed = Array.from({ length: 50 }, (_, i) => i + 1);
  await p.produceIds(1, 51);
  await p.produceIds(NEXT, NEXT + 1);
  await recordIds(p, [...closed, NEXT]);
  const sink = new MemorySink();
  const told = sink.heldIds.bind(sink);
  const spans: string[] = [];
  sink.heldIds = async function* (span) {
    spans.push(`${span.from}-${span.to}`);
    if (spans.length === 1) {
      yield closed.slice(0, 10);
      throw new RetryableError('cut off', { code: 'test-cut' });
    }
    yield* told(span);
  };
  const { metrics } = await startSink(t, sink, { ...p.config, audit_interval: 100 });
  const differs = async (kind: string) => {
    const gauge = metrics.registry.getSingleMetric('scoreline_sink_audit_differences');
    const { values = [] } = (await gauge?.get()) ?? {};
    return values.find(({ labels }) => labels['kind'] === kind)?.value;
  };
  const counts = async () => [...(await auditsOf(p, 'memory')).counts];
  await until(async () => (await counts()).length === 1, {
    what: 'a clean audit',
    timeoutMs: 30_000,
  });
  // The bucket that rows still fall into is left alone, and what is clean is not asked for again.
  assert.deepEqual(await counts(), [[0, 50]]);
  await until(async () => (await differs('missing')) === 0, { what: 'its metrics' });
  assert.deepEqual(spans, [`0-${BUCKET_IDS - 1}`, `0-${BUCKET_IDS - 1}`]);

  // Another row of the closed bucket: it is due again.
  await p.produceIds(51, 52);
  await landed(p);
  lose(sink, 0);
  archived(sink, 60);
  archived(sink, 61);
  archived(sink, 61);
  await recordIds(p, [...closed, 51, 61, NEXT]);
  await until(async () => (await counts()).length === 0, {
    what: 'no clean audit',
    timeoutMs: 30_000,
  });
  await until(async () => (await differs('missing')) === 1, { what: 'its metrics' });
  assert.deepEqual([await differs('doubled'), await differs('unknown')], [1, 1]);
});

test('an audit that fails is told, and stops nothing', async (t) => {
  const p = await world(t);
  if (p === null) return;
  await p.produceIds(1, 5);
  await p.produceIds(NEXT, NEXT + 1);
  await recordIds(p, [1, 2, 3, 4, NEXT]);
  const sink = new MemorySink();
  // eslint-disable-next-line require-yield
  sink.heldIds = async function* () {
    throw new Error('a file is damaged');
  };
  const { metrics } = await startSink(t, sink, { ...p.config, audit_interval: 50 });
  const failures = async () => {
    const text = await metrics.registry.metrics();
    return Number(
      /scoreline_sink_audit_failures_total\{sink="memory"\} (\d+)/.exec(text)?.[1] ?? 0,
    );
  };
  await until(async () => (await failures()) > 1, {
    what: 'two audits that failed',
    timeoutMs: 30_000,
  });
  await p.produceIds(5, 9);
  await landed(p);
  assert.equal((await auditsOf(p, 'memory')).audits.length, 0);
});
