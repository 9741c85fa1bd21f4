import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { identityAt, parseDsn, sessionConnection } from '@scoreline/database';
import { type Pipeline, pipeline, quiet } from '@scoreline/landing/testing';
import {
  type Audit,
  Bucket,
  IdBits,
  ledgerTopic,
  readLedgerSnapshot,
  type Roster,
  type SourceIdentity,
} from '@scoreline/ledger';
import { ConfigError, loadConfig, PermanentError } from '@scoreline/service';
import { needServer, uniqueName } from '@scoreline/testing';

import { settings } from '../config.ts';
import { commitAs } from '../testing/commit-as.ts';
import { writeLedgerAsOf } from '../testing/ledger-records.ts';
import { DEST } from '../testing/proofs.ts';
import { promote, retire } from './verbs.ts';

/** In one bucket, and in MySQL from the second on. */
const ROWS = 20;

interface Said {
  readonly isFine: boolean;
  readonly said: string;
}

type Verb = (sink: string, digest?: string) => Promise<Said>;

interface Scene {
  readonly p: Pipeline;
  readonly promote: Verb;
  readonly retire: Verb;
  readonly roster: () => Promise<Roster>;
  /** A ledger of these rows; audits of x with them. */
  readonly ledger: (more?: {
    readonly audits?: readonly Audit[];
    readonly source?: SourceIdentity;
  }) => Promise<void>;
  readonly lands: (sink: string, since?: bigint, dest?: string) => Promise<void>;
}

async function scene(t: TestContext): Promise<Scene | null> {
  const brokers = needServer(t, 'kafka');
  const adminDsn = needServer(t, 'mariadb-admin');
  if (brokers === '' || adminDsn === '') return null;
  const database = uniqueName('roster');
  const dsn = adminDsn.replace(/\/[^/]*$/, `/${database}`);
  const admin = await sessionConnection({
    ...parseDsn(adminDsn),
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
    origin: 'database_dsn',
  });
  t.after(async () => {
    await admin.query(`DROP DATABASE ${database}`);
    await admin.end();
  });
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.query(`CREATE TABLE ${database}.log_scores (id bigint unsigned PRIMARY KEY)`);
  await admin.query(`INSERT INTO ${database}.log_scores VALUES (5), (1), (${ROWS - 1})`);
  const identity = await identityAt(admin);

  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(0, ROWS);
  t.after(() => p.admin.deleteGroups(['x', 'y'].map((sink) => p.groupOf(sink))).catch(() => {}));
  const { schema_registry_url: _registry, ...kafka } = p.env;
  const verb =
    (run: typeof promote): Verb =>
    async (sink, digest) => {
      const own = { database_dsn: dsn, sink, why: 'as it was agreed' };
      const given = digest === undefined ? {} : { plan_digest: digest };
      const config = loadConfig(settings, { ...kafka, ...own, ...given });
      const lines: string[] = [];
      const print = (line: string) => void lines.push(line);
      const isFine = await run({ config, log: quiet, signal: t.signal, print });
      return { isFine, said: lines.join('\n') };
    };
  return {
    p,
    promote: verb(promote),
    retire: verb(retire),
    async roster() {
      const topic = ledgerTopic(p.table, p.config.topic_prefix);
      return (await readLedgerSnapshot(p.kafka, topic, { signal: t.signal })).roster;
    },
    ledger: ({ audits = [], source = identity } = {}) => {
      const ids = new IdBits();
      for (let low = 0; low < ROWS; low++) ids.add(low);
      const offsets = new Map([[p.topic, { first: [0], end: [ROWS] }]]);
      return writeLedgerAsOf(p, {
        topicEnds: { [p.topic]: [ROWS] },
        source,
        buckets: [new Bucket(0, ids, new IdBits(), offsets)],
        audits: audits.length === 0 ? [] : [{ sink: 'x', audits }],
      });
    },
    lands: (sink, since = 0n, dest = DEST) =>
      commitAs(p.kafka, { group: p.groupOf(sink), topic: p.topic }, [
        { partition: 0, offset: BigInt(ROWS + 1), metadata: { since, dest } },
      ]),
  };
}

const hasCode = (code: string) => (error: unknown) =>
  (error instanceof PermanentError || error instanceof ConfigError) && error.code === code;

test('a sink is promoted and retired by the digest of its plan, and the ledger keeps who and why', async (t) => {
  const made = await scene(t);
  if (made === null) return;
  const { ledger, lands, roster } = made;
  await ledger();
  await lands('x');
  const planned = await made.promote('x');
  assert.ok(planned.isFine, planned.said);
  assert.match(planned.said, /MySQL holds rows from id 1 on/);
  assert.deepEqual(await roster(), [], 'the plan alone changes nothing');
  await assert.rejects(made.promote('x', 'another'), hasCode('plan-changed'));
  assert.deepEqual(await roster(), []);

  assert.ok((await made.promote('x', digestOf(planned.said))).isFine);
  const [sink] = await roster();
  assert.deepEqual([sink?.name, sink?.state, sink?.dest], ['x', 'active', DEST]);
  assert.equal(sink?.changes.length, 1);
  assert.equal(sink.changes[0]?.why, 'as it was agreed');
  assert.match(sink.changes[0].by, /^[^@]+@[^@]+$/);
  assert.ok(Math.abs(sink.changes[0].atMs - Date.now()) < 600_000);
  assert.match((await made.promote('x')).said, /^x is active already: .*as it was agreed$/);

  // A capture that writes on keeps what it does not know of.
  await ledger();
  const retiring = await made.retire('x');
  assert.match(retiring.said, /afterwards no sink is active/);
  assert.match(retiring.said, new RegExp(`its groups may be deleted then: ${made.p.groupOf('x')}`));
  assert.ok((await made.retire('x', digestOf(retiring.said))).isFine);
  assert.deepEqual(
    (await roster()).map(({ state, changes }) => [state, changes.map((one) => one.state)]),
    [['retired', ['active', 'retired']]],
  );
  assert.match((await made.retire('x')).said, /^x is retired already/);
});

test('what has changed since the plan is seen before it is applied', async (t) => {
  const made = await scene(t);
  if (made === null) return;
  await made.ledger();
  await made.lands('x');
  const planned = await made.promote('x');
  await made.lands('x', 0n, 'a table that was made anew');
  await assert.rejects(made.promote('x', digestOf(planned.said)), hasCode('plan-changed'));
  assert.deepEqual(await made.roster(), []);
});

test('of two promotions at once none is lost', async (t) => {
  const made = await scene(t);
  if (made === null) return;
  await made.ledger();
  const sinks = ['x', 'y'];
  for (const sink of sinks) await made.lands(sink);
  const digests: string[] = [];
  for (const sink of sinks) digests.push(digestOf((await made.promote(sink)).said));
  const ends = await Promise.allSettled(sinks.map((sink, at) => made.promote(sink, digests[at])));
  const promoted = sinks.filter((_, at) => ends[at]?.status === 'fulfilled');
  assert.deepEqual(
    (await made.roster()).map(({ name }) => name),
    promoted,
  );
  for (const sink of sinks.filter((one) => !promoted.includes(one))) {
    const again = await made.promote(sink);
    assert.ok((await made.promote(sink, digestOf(again.said))).isFine);
  }
  const names = (await made.roster()).map(({ name }) => name);
  assert.deepEqual(names.toSorted(), sinks);
});

test('one that began later is refused with what mends it, and promoted when an audit covers it', async (t) => {
  const made = await scene(t);
  if (made === null) return;
  const { p, ledger, lands } = made;
  await ledger();
  await lands('x', 7n);
  const refused = await made.promote('x');
  assert.equal(refused.isFine, false);
  assert.match(refused.said, /REFUSED \(bucket-partly-gone\): ids 0-0 /);
  assert.match(refused.said, /REFUSED \(ids-missing\): ids 1-65535 .*since 7 only/);
  assert.match(refused.said, /^ {2}capture --backfill --backfill-sink x --backfill-ids 1-65535$/m);
  assert.match(refused.said, /^ {2}sink-x --audit --audit-ids 1-65535$/m);
  const audit = { from: 0, counts: [ROWS], dest: DEST, since: { [p.topic]: [7] }, atMs: 0 };
  await ledger({ audits: [audit] });
  const { isFine, said } = await made.promote('x');
  assert.ok(isFine, said);
});

test('another server than capture reads says nothing, and neither does a name that nobody knows', async (t) => {
  const made = await scene(t);
  if (made === null) return;
  await made.ledger({ source: { flavour: 'mariadb', serverUuid: '4711-0', serverId: 4711 } });
  await made.lands('x');
  await assert.rejects(made.promote('x'), hasCode('source-changed'));
  await made.ledger();
  const typo = await made.promote('xx');
  assert.match(typo.said, /REFUSED \(group-missing\): .*known are x\./);
  assert.equal(typo.isFine, false);
  assert.match((await made.retire('xx')).said, /REFUSED \(sink-unknown\): .*known are x$/m);
});

function digestOf(said: string): string {
  return /--plan-digest (\w+)/.exec(said)![1]!;
}
