import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { FIRST_DAY_US, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import type { ClickHouseSink } from './click-house-sink.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';
import { documentedGrants } from './testing/documented-grants.ts';
import { type ReplicaProxy, replicasOf } from './testing/replica-proxy.ts';
import { AGAIN, FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';
import { serverWithUsers } from './testing/users.ts';

const DAY_US = 86_400_000_000;
const ROWS = Array.from({ length: 500 }, (_, i) =>
  sampleRow(i + 1, { ts: FIRST_DAY_US + (i % 2) * DAY_US + i }),
);

interface World {
  readonly database: TestDatabase;
  readonly replicas: readonly ReplicaProxy[];
  readonly env: Readonly<Record<string, string>>;
  readonly sink: () => ClickHouseSink;
}

/** Two replicas and a table that the sink has yet to make. */
async function world(t: TestContext, count = 2): Promise<World | null> {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return null;
  const database = await testDatabase(t, dsn);
  const { env, replicas } = await replicasOf(t, database, count);
  return { database, replicas, env, sink: () => testSink(t, env) };
}

async function assertRows({ database }: World, rows = ROWS): Promise<void> {
  assert.deepEqual(
    await database.rows(),
    rows.toSorted((a, b) => a.id - b.id),
  );
}

const statements = (replica: ReplicaProxy | undefined, start: string) =>
  (replica?.asked ?? []).filter(({ query }) => query.startsWith(start));

const inserts = (replica: ReplicaProxy | undefined) =>
  statements(replica, 'INSERT').filter(({ query }) => query.includes('FORMAT Avro'));

test('a missing table is made on each host, as one; and an insert waits for more than half', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const uuids = w.replicas.map((replica) => {
    const [made] = statements(replica, 'CREATE TABLE IF NOT EXISTS').filter(({ query }) =>
      query.includes('log_scores'),
    );
    assert.match(
      made?.query ?? '',
      /ENGINE = ReplicatedMergeTree PARTITION BY dt ORDER BY \(server_id, ts\)/,
    );
    assert.match(made?.query ?? '', /replicated_deduplication_window = 10000/);
    assert.match(made?.query ?? '', /replicated_deduplication_window_seconds = 604800/);
    return /UUID '([0-9a-f-]{36})'/.exec(made?.query ?? '')?.[1];
  });
  assert.deepEqual(uuids, [uuids[0], uuids[0], uuids[0]]);
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  const [insert] = inserts(w.replicas[0]);
  assert.equal(insert?.settings.get('insert_quorum'), '2');
  assert.equal(insert?.settings.get('insert_quorum_parallel'), '1');
  assert.equal(insert?.settings.get('insert_quorum_timeout'), '18000');
  await assertRows(w);
});

test('a replica dies in mid-insert: the same range at the next one lands once', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const [first, second] = w.replicas;
  if (!first || !second) return;
  first.dieAfterInsert = true;
  const range = sampleRange(ROWS);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'clickhouse-unreachable');
    assert.ok(error.message.includes(first.url), error.message);
    return true;
  });
  await sink.write(range, AGAIN, SIGNAL);
  await assertRows(w);
  const later = sampleRange(ROWS.map((row) => ({ ...row, id: row.id + 10_000 })));
  await first.up();
  await sink.write(later, FIRST, SIGNAL);
  assert.equal(
    inserts(second).length,
    1,
    'it stays where it worked, and repeats what is there nowhere',
  );
  assert.equal((await w.database.count()).rows, 1000);
});

test('a host behind which nothing answers any more is left, too', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const [first] = w.replicas;
  if (first) first.unavailable = true;
  const range = sampleRange(ROWS);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), {
    action: 'retry',
    code: 'clickhouse-unreachable',
    message: /503 Service Unavailable/,
  });
  await sink.write(range, AGAIN, SIGNAL);
  await assertRows(w);
});

test('a replica is asked for its ids when it has what the others have, and the next one when it is gone', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  const [first, second] = w.replicas;
  if (!first || !second) return;
  const held = async () => {
    const ids: number[] = [];
    for await (const some of sink.heldIds({ from: 0, to: 2 ** 53 - 1 }, SIGNAL)) ids.push(...some);
    return ids.length;
  };
  for (const replica of [first, second]) {
    const before = replica.asked.length;
    assert.equal(await held(), ROWS.length);
    const asked = replica.asked.slice(before).map(({ query }) => query.split(' ', 2).join(' '));
    assert.deepEqual(asked, ['SYSTEM SYNC', 'SELECT intDiv(toUInt64(id),']);
    replica.unavailable = true;
    await assert.rejects(held(), { action: 'retry' });
  }
});

test('without a quorum nothing is acknowledged, and the range lands when it is back', async (t) => {
  const w = await world(t);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const range = sampleRange(ROWS);
  for (const replica of w.replicas) {
    replica.refuse = { code: 285, name: 'TOO_FEW_LIVE_REPLICAS' };
  }
  for (const attempt of [FIRST, AGAIN, AGAIN]) {
    await assert.rejects(sink.write(range, attempt, SIGNAL), {
      action: 'retry',
      code: 'clickhouse-285',
    });
  }
  for (const replica of w.replicas) replica.refuse = null;
  await sink.write(range, AGAIN, SIGNAL);
  await assertRows(w);
});

test('what one of two replicas holds is not taken for landed', async (t) => {
  const w = await world(t);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  w.replicas[1]?.down();
  await assert.rejects(sink.write(range, REPLAY, SIGNAL), { action: 'retry', code: 'quorum-away' });
  await w.replicas[1]?.up();
  await sink.write(range, REPLAY, SIGNAL);
  await assertRows(w);
});

test('rows that lack wait for a replica that cannot be asked what it still inserts', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const sink = w.sink();
  await sink.start();
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  const [day] = new Date(FIRST_DAY_US / 1000).toISOString().split('T');
  const query = `ALTER TABLE ${w.database.name}.log_scores DROP PARTITION '${day}'`;
  await w.database.client.command({ query });
  w.replicas[2]?.down();
  await assert.rejects(sink.write(range, REPLAY, SIGNAL), {
    action: 'retry',
    code: 'straggler-unseen',
    message: new RegExp(String(w.replicas[2]?.url)),
  });
  await w.replicas[2]?.up();
  await sink.write(range, REPLAY, SIGNAL);
  await assertRows(w);
});

test('a sink that is started again goes on through the replicas that are left', async (t) => {
  const w = await world(t, 3);
  if (!w) return;
  const range = sampleRange(ROWS);
  const before = w.sink();
  const { fingerprint } = await before.start();
  await before.write(range, FIRST, SIGNAL);
  const [first, second, third] = w.replicas;
  first?.down();
  const sink = w.sink();
  assert.equal((await sink.start()).fingerprint, fingerprint);
  await sink.write(range, REPLAY, SIGNAL);
  await assertRows(w);
  // The first is looked at before anything goes there.
  await first?.up();
  second?.down();
  const later = sampleRange([sampleRow(10_001)]);
  await assert.rejects(sink.write(later, FIRST, SIGNAL), { action: 'retry' });
  third?.down();
  await second?.up();
  await assert.rejects(sink.write(later, AGAIN, SIGNAL), { action: 'retry' });
  await sink.write(later, AGAIN, SIGNAL);
  await assertRows(w, [...ROWS, sampleRow(10_001)]);
});

/** What is wrong with the second of two replicas. */
const REFUSED: Record<string, { facts: Record<string, unknown>; code: string; says: RegExp }> = {
  'beside which there is one more': {
    facts: { replicas: 3 },
    code: 'table-mismatch',
    says: /knows 3 replicas, and ch_dsn names 2/,
  },
  'that has lost Keeper': {
    facts: { isReadonly: 1 },
    code: 'replica-readonly',
    says: /1 replicas take inserts, and 2 must/,
  },
};

for (const [what, { facts, code, says }] of Object.entries(REFUSED)) {
  test(`nothing begins with a replica ${what}`, async (t) => {
    const w = await world(t);
    if (!w) return;
    const [, second] = w.replicas;
    if (second) second.facts = { ...second.facts, ...facts };
    await assert.rejects(w.sink().start(), { code, message: says });
  });
}

test('a table is not made while a host is away that may have it', async (t) => {
  const w = await world(t);
  if (!w) return;
  w.replicas[1]?.down();
  await assert.rejects(w.sink().start(), {
    action: 'configure',
    code: 'clickhouse-unreachable',
    message: new RegExp(String(w.replicas[1]?.url)),
  });
  assert.deepEqual(statements(w.replicas[0], 'CREATE'), []);
});

test('hosts of a table that does not replicate are refused, and a replica without ch_replicated', async (t) => {
  const w = await world(t);
  if (!w) return;
  await assert.rejects(testSink(t, { ...w.env, ch_replicated: 'false' }).start(), {
    code: 'ch-dsn',
    message: /2 hosts, over which rows .* scattered/,
  });
  await w.sink().start();
  const [url] = w.env['ch_http_url']?.split(',') ?? [];
  await assert.rejects(
    testSink(t, { ...w.env, ch_http_url: url, ch_replicated: 'false' }).start(),
    {
      code: 'table-mismatch',
      remedy: /ch_replicated=true/,
    },
  );
});

test('one replica is no quorum, unless it was accepted', async (t) => {
  const w = await world(t);
  if (!w) return;
  const alone = { ...w.env, ch_insert_quorum: '1' };
  await assert.rejects(testSink(t, alone).start(), { code: 'quorum', action: 'configure' });
  await assert.rejects(testSink(t, { ...w.env, ch_insert_quorum: '3' }).start(), {
    code: 'quorum',
  });
  const sink = testSink(t, { ...alone, accept_unsynced: 'true' });
  await sink.start();
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  assert.equal(inserts(w.replicas[0])[0]?.settings.get('insert_quorum'), '0');
});

test('a real server makes the replicated table with the documented grants, and is seen to be read-only', async (t) => {
  if (!needServer(t, 'clickhouse')) return;
  const server = await serverWithUsers(t, [{ name: 'scoreline', grants: documentedGrants() }]);
  const sink = testSink(t, {
    ...server.env('scoreline'),
    ch_replicated: 'true',
    ch_insert_quorum: '1',
    accept_unsynced: 'true',
  });
  await assert.rejects(sink.start(), { code: 'replica-readonly' });
  const answer = await server.admin.query({
    query: `SELECT t.uuid AS uuid, engine_full, zookeeper_path FROM system.tables AS t
      JOIN system.replicas AS r ON r.database = t.database AND r.table = t.name WHERE t.database = 'ntp'`,
    format: 'JSONEachRow',
  });
  const [table = assert.fail('no table')] = await answer.json<Record<string, string>>();
  assert.equal(table['zookeeper_path'], `/clickhouse/tables/${table['uuid']}/01`);
  assert.match(String(table['engine_full']), /replicated_deduplication_window = 10000/);
});
