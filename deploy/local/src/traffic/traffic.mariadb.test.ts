import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { needServer, uniqueName, until } from '@scoreline/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { bulkLoad, singleRowTransactions } from './bulk.ts';
import { createSchema, POOL } from './create-schema.ts';
import { connect, parseAddress } from './database.ts';
import type { LogScoreRow } from './measurement.ts';
import { plan, type Step } from './plan.ts';
import { startTraffic } from './traffic.ts';
import { type Commit, Writer } from './writer.ts';

interface Fixture {
  readonly dsn: string;
  readonly connection: Connection;
  readonly query: (sql: string) => Promise<RowDataPacket[]>;
}

async function fixture(t: TestContext): Promise<Fixture | null> {
  if (needServer(t, 'mariadb') === '') return null;
  const admin = process.env['ADMIN_DSN'] ?? '';
  const database = uniqueName('traffic');
  const dsn = admin.replace(/\/\w+$/, `/${database}`);
  assert.equal(parseAddress(dsn).database, database);
  await createSchema(dsn);
  const connection = await connect(dsn);
  t.after(async () => {
    await connection.query(`DROP DATABASE ${database}`);
    await connection.end();
  });
  const query = async (sql: string): Promise<RowDataPacket[]> => {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  };
  return { dsn, connection, query };
}

/** Event types of the binlog that came from this database's log_scores, or end a group, since `from`. */
async function binlogSince({ dsn, query }: Fixture, from: RowDataPacket): Promise<string[]> {
  const { database } = parseAddress(dsn);
  const events = await query(`SHOW BINLOG EVENTS IN '${from['File']}' FROM ${from['Position']}`);
  const mine: string[] = [];
  let isMine = false;
  for (const { Event_type: type, Info: info } of events as { Event_type: string; Info: string }[]) {
    if (type === 'Gtid') isMine = false;
    if (type === 'Table_map' && info.includes(`(${database}.log_scores)`)) isMine = true;
    if (isMine && type !== 'Annotate_rows') mine.push(type === 'Query' ? info : type);
  }
  return mine;
}

async function position({ query }: Fixture): Promise<RowDataPacket> {
  const [status] = await query('SHOW MASTER STATUS');
  assert.ok(status);
  return status;
}

function someRows(count: number): LogScoreRow[] {
  const options = { seed: 5, pool: POOL, clock: Date.now, rows: 1_000, batchRows: 1_000 };
  for (const step of plan(options))
    if (step.kind === 'batch') return [...step.rows].slice(0, count);
  throw new Error('the plan has no batch');
}

async function run(t: TestContext, { dsn }: Fixture, steps: readonly Step[]): Promise<Commit[]> {
  const commits: Commit[] = [];
  const writer = new Writer(dsn, (commit) => commits.push(commit));
  await writer.start();
  t.after(() => writer.stop());
  for (const step of steps) await writer.run(step, writer.prepare(step));
  await writer.finish();
  return commits;
}

test('traffic commits exactly the rows that were asked for, with holes between their ids', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  let told = 0;
  const onCommit = ({ rows }: Commit): void => void (told += rows);
  const traffic = startTraffic(at.dsn, { rate: 0, seed: 11, rows: 20_000, onCommit });
  await traffic.done;
  const [counted] = await at.query(
    'SELECT COUNT(*) AS n, MAX(id) - MIN(id) + 1 AS span FROM log_scores',
  );
  assert.equal(counted?.['n'], 20_000);
  assert.equal(told, 20_000);
  const { committed, undone } = traffic.stats();
  assert.equal(committed, 20_000);
  assert.ok(undone > 0);
  assert.ok(Number(counted?.['span']) > 20_000, 'rolled-back rows leave holes');
});

test('traffic keeps to its rate, and a stop commits what is open', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  const started = performance.now();
  const limited = startTraffic(at.dsn, { rate: 400, seed: 2, rows: 400, onCommit: () => {} });
  await limited.done;
  assert.ok(performance.now() - started > 700, 'faster than its rate');
  const endless = startTraffic(at.dsn, { rate: 0, seed: 3, rows: null });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await endless.stop();
  const [counted] = await at.query('SELECT COUNT(*) AS n FROM log_scores');
  assert.equal(counted?.['n'], 400 + endless.stats().committed);
  const others = `SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`;
  await until(async () => (await at.query(others))[0]?.['n'] === 0, {
    what: 'connections to close',
  });
});

test('a logged rollback puts its rows into the binlog and not into the table', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  const from = await position(at);
  await run(t, at, [{ kind: 'logged-rollback', rows: someRows(3) }]);
  const [counted] = await at.query('SELECT COUNT(*) AS n FROM log_scores');
  assert.equal(counted?.['n'], 0);
  const events = await binlogSince(at, from);
  assert.ok(
    events.some((type) => type.startsWith('Write_rows')),
    events.join(', '),
  );
  assert.equal(events.at(-1), 'ROLLBACK');
});

test('a logged savepoint leaves its undone rows in a group that commits', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  const from = await position(at);
  const [first, second, third] = someRows(3);
  assert.ok(first && second && third);
  await run(t, at, [{ kind: 'savepoint', rows: [first, second], undone: [third], logged: true }]);
  const ids = (await at.query('SELECT id FROM log_scores ORDER BY id')).map(({ id }) => Number(id));
  assert.deepEqual(ids, [1, 3]);
  const events = await binlogSince(at, from);
  const written = events.filter((type) => type.startsWith('Write_rows'));
  assert.equal(written.length, 3, events.join(', '));
  assert.equal(events.at(-1), 'Xid');
  assert.ok(
    events.some((event) => event.startsWith('ROLLBACK TO')),
    events.join(', '),
  );
});

test('a late transaction commits its lower ids after higher ones', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  const rows = someRows(1);
  const commits = await run(t, at, [
    { kind: 'late', rows, steps: 2 },
    { kind: 'autocommit', rows },
    { kind: 'autocommit', rows },
  ]);
  assert.deepEqual(
    commits.map(({ id }) => id),
    [2, 1, 3],
  );
});

test('the bulk loaders make as many rows, and as many transactions, as they say', async (t) => {
  const at = await fixture(t);
  if (at === null) return;
  await bulkLoad(at.dsn, { rows: 25_001 });
  const from = await position(at);
  await singleRowTransactions(at.dsn, { rows: 50 });
  const [counted] = await at.query('SELECT COUNT(*) AS n FROM log_scores');
  assert.equal(counted?.['n'], 25_051);
  const events = await binlogSince(at, from);
  assert.equal(events.filter((type) => type === 'Xid').length, 50);
});
