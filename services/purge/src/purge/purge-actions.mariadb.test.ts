import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { pipeline, quiet } from '@scoreline/landing/testing';
import { Bucket, IdBits } from '@scoreline/ledger';
import { createMetrics, loadConfig } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { settings } from '../config.ts';
import { PurgeLog } from '../kafka/purge-log.ts';
import type { PurgeRecord } from '../kafka/purge-record.ts';
import { purgesTopic } from '../kafka/purge-topic.ts';
import { PurgeSource } from '../source/testing/purge-source.ts';
import { commitAs } from '../testing/commit-as.ts';
import { writeLedgerAsOf } from '../testing/ledger-records.ts';
import { activeSink, DEST } from '../testing/proofs.ts';
import { look } from './purge-actions.ts';

/** Of one bucket, all of them old and in the source. */
const ROWS = 20;

interface Told {
  readonly deletable: { readonly rows: number };
  readonly refused: readonly { readonly code: string }[];
  readonly waiting: readonly { readonly reasons: readonly { readonly code: string }[] }[];
}

/** What the sink x has landed, and where its offset is now: at the end of the bucket. */
async function scene(t: TestContext) {
  const brokers = needServer(t, 'kafka');
  const source = await PurgeSource.create(t, 'mariadb');
  if (brokers === '' || source === null) return null;
  const { user, password, host, port, database } = source.source;
  await source.admin.query(`GRANT SELECT ON ${database}.* TO ${user}@'%'`);
  await source.insert(Array.from({ length: ROWS }, (_, at) => at + 1));
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, ROWS + 1);
  const ids = new IdBits();
  for (let id = 1; id <= ROWS; id++) ids.add(id);
  const offsets = new Map([[p.topic, { first: [0], end: [ROWS] }]]);
  await writeLedgerAsOf(p, {
    topicEnds: { [p.topic]: [ROWS] },
    // One that says at once that nothing it captured compares: nobody waits for a capture that is not there.
    source: { flavour: 'mariadb', serverUuid: 'elsewhere', serverId: 1 },
    roster: [activeSink('x')],
    buckets: [new Bucket(0, ids, new IdBits(), offsets)],
  });
  t.after(() => p.admin.deleteGroups([p.groupOf('x')]).catch(() => {}));
  await commitAs(p.kafka, { group: p.groupOf('x'), topic: p.topic }, [
    { partition: 0, offset: BigInt(ROWS) },
  ]);

  const { schema_registry_url: _registry, ...kafka } = p.env;
  const database_dsn = `${user}:${password}@tcp(${host}:${port})/${database}`;
  const config = loadConfig(settings, { ...kafka, database_dsn, sinks: 'x', format: 'json' });
  const prefix = p.config.topic_prefix;
  const log = new PurgeLog(p.kafka, { table: 'log_scores', prefix, manage: config });
  t.after(() => log.close());
  return {
    p,
    log,
    topic: purgesTopic('log_scores', prefix),
    async told(mode: 'explain' | 'dry-run'): Promise<Told> {
      const lines: string[] = [];
      const print = (line: string): void => void lines.push(line);
      const rest = { metrics: createMetrics(), version: '0', secretFiles: () => ({}) };
      await look({ config, log: quiet, signal: t.signal, print, ...rest }, mode);
      return JSON.parse(lines.join('\n')) as Told;
    },
  };
}

test('who only looks knows of offsets that moved back before, and the purge log stays whose it is', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const before = await s.told('explain');
  assert.equal(before.deletable.rows, ROWS, 'there is nobody who remembers more');
  assert.ok(!(await s.p.admin.listTopics()).includes(s.topic), 'looking made no purge log');

  await s.log.open(t.signal);
  const chunk: PurgeRecord = {
    v: 1,
    kind: 'intent',
    chunk: 'a',
    at: '2026-01-31T00:00:00.000Z',
    by: 'test@host',
    buckets: [0],
    ids: ['21'],
    rows: 1,
    digest: 'abc',
    sinks: { x: { dest: DEST, committed: { [s.p.topic]: [`${ROWS + 1}`] }, landed: {} } },
  };
  await s.log.append(chunk);
  for (const mode of ['explain', 'dry-run'] as const) {
    const { deletable, refused, waiting } = await s.told(mode);
    assert.equal(deletable.rows, 0, mode);
    assert.deepEqual(
      refused.map(({ code }) => code),
      ['capture-other-source'],
    );
    assert.deepEqual(
      waiting.flatMap(({ reasons }) => reasons.map(({ code }) => code)),
      ['offset-moved-back'],
      mode,
    );
  }
  await s.log.append({ ...chunk, kind: 'done' });
});
