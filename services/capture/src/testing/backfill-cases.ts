import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { scanTopic } from '@scoreline/kafka';
import {
  backfillTopicName,
  DatumWalker,
  sinkGroupName,
  WIRE_HEADER_BYTES,
} from '@scoreline/schema';
import { until } from '@scoreline/testing';

import { setup, type Setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

const SINK = 'late';

interface Late extends Setup {
  /** The topic of the backfill. */
  readonly own: string;
  /** As a sink does that has landed all that there is. */
  readonly land: () => Promise<void>;
  /** What the backfill's topic has, in the order of its partitions. */
  rows(): Promise<{ readonly id: number; readonly partition: number; readonly value: string }[]>;
}

async function late(
  t: TestContext,
  server: SqlServerName,
  settings: Readonly<Record<string, string>> = {},
): Promise<Late | null> {
  const made = await setup(t, server, { backfill_sink: SINK, ...settings });
  if (made === null) return null;
  const { topic } = made;
  const own = backfillTopicName(topic.topic, SINK);
  return {
    ...made,
    own,
    async land() {
      const ends = await topic.admin.fetchTopicOffsets(topic.topic);
      await topic.admin.setOffsets({
        groupId: sinkGroupName(SINK, topic.topic),
        topic: topic.topic,
        partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
      });
    },
    async rows() {
      const found: { id: number; partition: number; value: string }[] = [];
      const walker = new DatumWalker();
      const { signal } = new AbortController();
      const scan = { signal };
      await scanTopic(topic.kafka, own, scan, ({ bytes, valueStart, valueLength }, partition) => {
        const value = bytes.subarray(valueStart, valueStart + valueLength);
        walker.walk(value, WIRE_HEADER_BYTES, value.length);
        found.push({ id: walker.id, partition, value: value.toString('hex') });
      });
      return found;
    },
  };
}

/** Each id once, as the topic has it, and ascending in each partition. */
async function assertSame(made: Late, ids: readonly number[]): Promise<void> {
  const found = await made.rows();
  const wanted = new Set(ids);
  const topic = (await made.topic.read(ids.length)).filter(({ id }) => wanted.has(id));
  const byId = (a: { id: number }, b: { id: number }): number => a.id - b.id;
  assert.deepEqual(
    found.toSorted(byId),
    topic
      .map(({ id, partition, value }) => ({ id, partition, value: value.toString('hex') }))
      .toSorted(byId),
  );
  for (const { partition } of found) {
    const own = found.filter((row) => row.partition === partition).map(({ id }) => id);
    assert.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    );
  }
}

export function backfillCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('a backfill publishes what is captured and still there, beside capture'), async (t) => {
    const made = await late(t, server);
    if (made === null) return;
    const { source, topic, start, act, land } = made;
    await source.createTable();
    await source.insert(50);
    await start().ready();
    await source.insert(1_000);
    await topic.read(1_000);
    const early = await act('backfill', { backfill_ids: '1-500' });
    assert.equal(early.code, 1, early.errors);
    assert.match(early.errors, /sink-late.* has no offset for/);

    await land();
    await source.admin.query('DELETE FROM log_scores WHERE id IN (300, 301, 405)');
    const refused = await act('backfill', { backfill_ids: '1-500' });
    assert.equal(refused.code, 1, refused.errors);
    assert.match(refused.errors, /3 rows are captured and not in the table .*: ids 300-301, 405/);
    assert.ok(!(await topic.admin.listTopics()).includes(made.own), 'nothing was published');

    const one = await act('backfill', { backfill_ids: '1-299' });
    assert.equal(one.code, 0, one.errors);
    assert.match(one.lines.join('\n'), /249 rows for .*; 50 rows of the table are not captured/);
    // What is there is passed over, also what the table has lost since.
    await source.admin.query('DELETE FROM log_scores WHERE id = 299');
    const more = await act('backfill', { backfill_ids: '200-299' });
    assert.equal(more.code, 0, more.errors);
    assert.match(more.lines.join('\n'), /: 0 rows for .* has 99 more/);
    const rest = await act('backfill', { backfill_ids: '302-404' });
    assert.equal(rest.code, 0, rest.errors);
    const ids = [...Array(249).keys()].map((at) => at + 51);
    await assertSame(made, [...ids, ...[...Array(103).keys()].map((at) => at + 302)]);
  });

  test(on('a row goes into a backfill when the sink’s own group is past it'), async (t) => {
    const made = await late(t, server);
    if (made === null) return;
    const { source, topic, start, act, land } = made;
    await source.createTable();
    await start().ready();
    await source.insert(10);
    await topic.read(10);
    await land();
    await source.insert(1_000);
    await topic.read(1_010);
    const landings: Promise<void>[] = [];
    const { code, errors } = await act('backfill', { backfill_ids: '1-1010' }, (line) => {
      if (!line.startsWith('waiting for')) return;
      landings.push(land());
    });
    assert.equal(code, 0, errors);
    assert.equal(landings.length, 1);
    // The admin's consumer would connect again after the admin is gone, and keep this process for minutes.
    await Promise.all(landings);
    await assertSame(made, await source.ids());
  });

  test(
    on('killed with -9 again and again, a backfill neither repeats nor misses a row'),
    async (t) => {
      const made = await late(t, server, { backfill_ids: '1-100000', initial: 'all' });
      if (made === null) return;
      const { source, topic, start, act, land } = made;
      await source.createTable();
      await source.insert(15_000);
      await start().ready();
      await topic.read(15_000);
      await land();
      const published = async (): Promise<number> => {
        if (!(await topic.admin.listTopics()).includes(made.own)) return 0;
        // It is listed before its leaders answer.
        const ends = await topic.admin.fetchTopicOffsets(made.own).catch(() => []);
        return ends.reduce((sum, { high }) => sum + Number(high), 0);
      };
      for (const enough of [1, 6_000]) {
        const killed = new AbortController();
        const running = act('backfill', { reconcile_rate: '10000' }, undefined, killed.signal);
        await until(async () => (await published()) >= enough, {
          what: 'a part of it',
          everyMs: 2,
        });
        killed.abort();
        assert.equal((await running).code, null);
      }
      assert.ok((await published()) < 15_000, 'the kills came within it');
      const last = await act('backfill', { reconcile_rate: '0' });
      assert.equal(last.code, 0, last.errors);
      await assertSame(made, await source.ids());
    },
  );
}
