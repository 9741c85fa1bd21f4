import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { scanTopic } from '@scoreline/kafka';
import { until } from '@scoreline/testing';

import { query } from './harness/mysql.ts';
import { Pipeline, TOPIC } from './harness/pipeline.ts';
import type { Service } from './harness/service.ts';
import { clickhouseRows, fileRows, mysqlRows, type Rows, topicRows } from './next-version/rows.ts';
import { Writer } from './next-version/writer.ts';

const NEXT_TOPIC = TOPIC.replace('-v1', '-v2');
const RETIRE = ['--retire-topic', '--retire-version', '1'];

test(
  'a version follows another: every row is in one of the topics, and in each destination, once',
  { timeout: 8 * 60_000 },
  async (t) => {
    const pipeline = new Pipeline();
    let writer: Writer | undefined;
    t.after(async () => {
      await writer?.stop().catch(() => {});
      await pipeline.destroy();
    });
    await pipeline.start();
    const dsn = pipeline.need('ADMIN_DSN');
    const folder = path.join(pipeline.stack.dir, 'files');
    await mkdir(folder);

    // The sinks first: they wait for a topic that nobody has made.
    const before = pipeline.capture();
    // What it finds in the table and not in the ledger it publishes to the new topic, too.
    const capture = pipeline.next('capture', { reconcile_ids: '1-1000000' });
    const clickhouse = pipeline.next('sink-clickhouse');
    const files = pipeline.next('sink-file', {
      avro_path: folder,
      batch_avro_interval: '1s',
      batch_avro_max_size: '2000',
    });
    writer = await Writer.start(dsn);
    await Promise.all([before, clickhouse, files].map((service) => service.start()));
    await Promise.all([before, clickhouse, files].map((service) => service.ready()));
    await until(async () => (await pipeline.landedRows()) > 200, { what: 'rows of version 1' });
    // What comes now of version 1 waits for this one.
    await files.stop();
    const held = writer.rows;
    await until(() => writer!.rows > held + 200, { what: 'rows that wait' });

    await query(dsn, 'ALTER TABLE log_scores ADD COLUMN jitter double NULL');
    writer.hasJitter = true;
    const stopped = await before.exited();
    assert.notEqual(stopped.code, 0);
    assert.match(before.output, /table-changed.*jitter/s);

    await capture.start();
    await capture.ready();
    await endWhileBusy(capture);
    await capture.start();
    await endWhileBusy(clickhouse);
    await clickhouse.start();
    const { rows } = writer;
    await until(() => writer!.rows > rows + 2_000, { what: 'more rows', timeoutMs: 60_000 });
    await writer.stop();
    const place = { dsn, folder };
    const early = await capture.run(RETIRE);
    assert.equal(early.code, 1, early.output);
    assert.match(early.output, /REFUSED: sink-file\.log_scores-v1: .* has a lag of \d+/);
    await files.start();
    await settle(pipeline, [clickhouse, files], { ...place, topics: [TOPIC, NEXT_TOPIC] });
    const old = await topicRows(pipeline.kafka, [TOPIC], {
      rows: await rowsIn(pipeline, TOPIC),
      registry: pipeline.need('SCHEMA_REGISTRY_URL'),
    });

    const plan = await capture.run(RETIRE);
    assert.equal(plan.code, 0, plan.output);
    const [, digest = ''] = /--retire-digest (\w+)/.exec(plan.output) ?? [];
    assert.equal((await capture.stop()).code, 0);
    const other = await capture.run([...RETIRE, '--retire-digest', 'another']);
    assert.match(other.output, /the plan is another one by now/);
    const retired = await capture.run([...RETIRE, '--retire-digest', digest]);
    assert.equal(retired.code, 0, retired.output);
    assert.match(retired.output, /log_scores-v1 is retired/);
    for (const service of [clickhouse, files]) assert.equal((await service.stop()).code, 0);
    await pipeline.admin.deleteTopics({ topics: [TOPIC] });
    await Writer.unlogged(dsn, 100);

    writer = await Writer.start(dsn);
    writer.hasJitter = true;
    await Promise.all([capture, clickhouse, files].map((service) => service.start()));
    await Promise.all([capture, clickhouse, files].map((service) => service.ready()));
    await until(() => writer.rows > 1_000, { what: 'rows of version 2 alone' });
    await writer.stop();
    await settle(pipeline, [clickhouse, files], { ...place, topics: [NEXT_TOPIC], gone: old });
    const verified = await capture.run(['--verify-ledger']);
    assert.equal(verified.code, 0, verified.output);
    assert.match(verified.output, /log_scores-v1: retired[^]*EQUAL/);

    // There is no way back.
    await capture.stop();
    const lowered = pipeline.next('capture', { topic_version: '1', unknown_columns: 'omit' });
    await lowered.start();
    assert.notEqual((await lowered.exited()).code, 0);
    assert.match(lowered.output, /topic-version-lowered/);
    assert.ok(!(await pipeline.admin.listTopics()).includes(TOPIC), 'it was not made again');
  },
);

async function endWhileBusy(service: Service): Promise<void> {
  await service.busy();
  await service.kill();
}

interface Expected {
  readonly dsn: string;
  readonly folder: string;
  readonly topics: readonly string[];
  /** Rows of a topic that has been deleted. */
  readonly gone?: Rows;
}

/** Waits for lag 0 in the groups of each version of both sinks, and compares every row. */
async function settle(
  pipeline: Pipeline,
  sinks: readonly Service[],
  { dsn, folder, topics, gone = new Map() }: Expected,
): Promise<void> {
  const truth = await mysqlRows(dsn);
  let seen: unknown;
  await until(
    async () => {
      seen = await Promise.all([
        ...sinks.flatMap(({ name }) => topics.map((topic) => lagOf(pipeline, name, topic))),
        pipeline.landedRows(),
      ]);
      return (
        (seen as number[]).slice(0, -1).every((lag) => lag === 0) &&
        (seen as number[]).at(-1)! >= truth.size
      );
    },
    { what: 'all rows landed, and lag 0', timeoutMs: 60_000, everyMs: 250 },
  ).catch((cause: unknown) => {
    const output = sinks.map((sink) => sink.output.slice(-3000)).join('\n');
    throw new Error(`${String(cause)}: ${JSON.stringify(seen)}\n${output}`, { cause });
  });
  const registry = pipeline.need('SCHEMA_REGISTRY_URL');
  same(truth, await clickhouseRows(pipeline.need('CH_HTTP_URL')));
  same(truth, await fileRows(folder));
  const rows = truth.size - gone.size;
  const there = await topicRows(pipeline.kafka, topics, { rows, registry });
  same(truth, new Map([...gone, ...there]));
  assert.equal(gone.size + there.size, truth.size);
}

/** Committed ones: offsets have markers among them. */
async function rowsIn({ kafka }: Pipeline, topic: string): Promise<number> {
  const signal = AbortSignal.timeout(20_000);
  let rows = 0;
  await scanTopic(kafka, topic, { signal }, () => rows++);
  return rows;
}

function same(truth: Rows, seen: Rows): void {
  assert.deepEqual(sorted(seen), sorted(truth));
}

function sorted(rows: Rows): [number, string][] {
  return [...rows].toSorted(([a], [b]) => a - b);
}

/** As kafka-consumer-groups shows it; null while a partition has no commit. */
async function lagOf({ admin }: Pipeline, sink: string, topic: string): Promise<number | null> {
  const [found] = await admin.fetchOffsets({ groupId: `${sink}.${topic}`, topics: [topic] });
  let lag = 0;
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    const offset = Number(found?.partitions.find((one) => one.partition === partition)?.offset);
    if (!(offset >= 0)) return null;
    lag += Number(high) - offset;
  }
  return lag;
}
