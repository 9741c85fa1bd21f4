import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { type Dsn, parseDsn } from '@scoreline/database';
import { uniqueName, until } from '@scoreline/testing';

import type { CaptureProcess } from './testing/capture-process.ts';
import { type Setup, setup } from './testing/setup.ts';
import type { SourceDatabase } from './testing/source-database.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

const RELOADS = 'scoreline_database_reloads_total';
const FAILURES = 'scoreline_database_reload_failures_total';
const SESSIONS = 'scoreline_capture_sessions_total';

test('a rotated password is taken while rows flow, and each row is there once', async (t) => {
  const made = await reloading(t);
  if (made === null) return;
  const { source, topic, account, capture } = made;
  const rows = writing(source);
  await until(async () => (await capture.metric('scoreline_capture_rows_published_total')) > 0);
  const before = await account.connections();
  assert.ok(before.length >= 2, 'the lock, and the binlog');

  // Vault may be first, or the server: with the new file before the grant, the old connections go on.
  account.write({ password: 'second-pass' });
  await until(async () => (await capture.metric(FAILURES)) > 1, { what: 'the refusal' });
  await flows(capture);
  assert.deepEqual(await account.connections(), before, 'the old connections are kept');
  assert.equal((await capture.get('/readyz')).status, 200);

  await account.setPassword('second-pass');
  await until(async () => (await capture.metric(RELOADS)) === 1, { what: 'the reload' });
  await until(async () => (await capture.metric(SESSIONS)) === 2, { what: 'the new session' });
  await flows(capture);
  const after = await account.connections();
  assert.deepEqual(
    before.filter((id) => after.includes(id)),
    [],
    'nothing is connected with the old password',
  );
  await rows.stop();
  await topic.assertHolds(await source.ids());
  assert.equal(await capture.metric('scoreline_capture_session_failures_total'), 0);
  const said = JSON.stringify(capture.lines);
  assert.ok(!said.includes('-pass'), said);
  assert.equal(await capture.stop(), 0, capture.said);
});

test('a new address is taken, a wrong file is told, and rows flow through all of it', async (t) => {
  const made = await reloading(t);
  if (made === null) return;
  const { source, topic, account, capture } = made;
  const rows = writing(source);
  await flows(capture);

  const wrong: [what: string, write: () => void, message: RegExp][] = [
    ['no YAML', () => account.text('mysql: {dsn: first-pass'), /is not YAML/],
    ['gone', () => account.remove(), /is gone/],
    ['another database', () => account.write({ database: 'mysql' }), /names the database "mysql"/],
    ['nobody listens', () => account.write({ port: 1 }), /cannot connect: .*ECONNREFUSED/],
    ['who may not read the binlog', () => account.write(account.stranger), /lacks BINLOG MONITOR/],
  ];
  for (const [what, write, message] of wrong) {
    const told = capture.lines.length;
    write();
    await until(
      () =>
        capture.lines.slice(told).some(({ level, msg }) => level === 'error' && message.test(msg)),
      { what },
    );
    await flows(capture);
  }
  assert.equal(await capture.metric(SESSIONS), 1, 'and the session is the first one still');

  const { host, port } = parseDsn(source.dsn);
  const elsewhere = await TcpProxy.create(t, host, port);
  const moved = parseDsn(elsewhere.through(source.dsn));
  account.write({ host: moved.host, port: moved.port });
  await until(async () => (await capture.metric(SESSIONS)) === 2, { what: 'the new session' });
  await flows(capture);
  await until(async () => (await account.connections()).length === elsewhere.open, {
    what: 'everything to be connected through there',
  });
  await rows.stop();
  await topic.assertHolds(await source.ids());
  assert.equal(await capture.metric('scoreline_capture_session_failures_total'), 0);
});

test('a standby takes the new password too, and leads with it', async (t) => {
  const made = await reloading(t);
  if (made === null) return;
  const { source, topic, account, capture, start } = made;
  const standby = start();
  await until(async () => (await standby.get('/readyz')).body.includes('standby'));
  await source.insert(10);
  await account.setPassword('second-pass');
  account.write({ password: 'second-pass' });
  for (const one of [capture, standby]) {
    await until(async () => (await one.metric(RELOADS)) === 1, { what: 'both to reload' });
  }
  await source.insert(10);
  await topic.read(20);
  const leads = async (one: CaptureProcess): Promise<boolean> =>
    (await one.metric('scoreline_capture_leader')) === 1;
  const leader = await until(async () =>
    (await leads(capture)) ? capture : (await leads(standby)) ? standby : null,
  );
  await leader.kill();
  await (leader === capture ? standby : capture).ready();
  await source.insert(10);
  await topic.assertHolds(await source.ids());
});

test('a capture that the server refuses waits for the file that it accepts', async (t) => {
  const made = await reloading(t);
  if (made === null) return;
  const { source, topic, account, capture } = made;
  await source.insert(10);
  await topic.read(10);
  await account.setPassword('second-pass');
  await source.killSessions(`USER = '${account.user}'`);
  await until(async () => (await capture.get('/readyz')).body.includes('waiting for a source'));
  await source.insert(10);
  account.write({ password: 'second-pass' });
  await capture.ready();
  await topic.assertHolds(await source.ids());
});

test('a DATABASE_DSN in an *.env file is rotated like a database.yaml', async (t) => {
  const made = await reloading(t, 'database.env');
  if (made === null) return;
  const { source, topic, account, capture } = made;
  await source.insert(10);
  await account.setPassword('second-pass');
  account.write({ password: 'second-pass' });
  await until(async () => (await capture.metric(SESSIONS)) === 2, { what: 'the new session' });
  await source.insert(10);
  await topic.assertHolds(await source.ids());
  assert.ok(!JSON.stringify(capture.lines).includes('-pass'));
});

type FileName = 'database.yaml' | 'database.env';

interface Reloading extends Setup {
  readonly account: Account;
  readonly capture: CaptureProcess;
}

/** A capture that streams, with a file and a user of the test's own. */
async function reloading(
  t: TestContext,
  name: FileName = 'database.yaml',
): Promise<Reloading | null> {
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-reload-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let account: Account | undefined;
  // Before the database and its administrator go, which are made next.
  t.after(() => account?.drop());
  const made = await setup(t, 'mariadb', {
    database_dsn: '',
    secrets_path: folder,
    database_reload_interval: '200ms',
  });
  if (made === null) return null;
  await made.source.createTable();
  account = await Account.create(made.source, join(folder, name));
  return { ...made, account, capture: await made.start().ready() };
}

/** Commits a few rows at a time, until it is stopped. */
function writing(source: SourceDatabase): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const written = (async () => {
    while (!stopping.signal.aborted) {
      await source.insert(7);
      await delay(20);
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return written;
    },
  };
}

/** Waits for rows that are committed from now on to be published. */
async function flows(capture: CaptureProcess): Promise<void> {
  const published = (): Promise<number> => capture.metric('scoreline_capture_rows_published_total');
  const before = await published();
  await until(async () => (await published()) > before + 100, { what: 'rows to flow' });
}

/** Somebody who may capture, as a file says it. */
class Account {
  readonly user = uniqueName('u');
  /** May connect, and read the table, but not capture. */
  readonly stranger = { user: uniqueName('u'), password: 'stranger-pass' };
  readonly #source: SourceDatabase;
  readonly #file: string;

  private constructor(source: SourceDatabase, file: string) {
    this.#source = source;
    this.#file = file;
  }

  static async create(source: SourceDatabase, file: string): Promise<Account> {
    const account = new Account(source, file);
    const { user, stranger } = account;
    const { admin, name } = source;
    await admin.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'first-pass'`);
    await admin.query(`CREATE USER ${stranger.user}@'%' IDENTIFIED BY '${stranger.password}'`);
    await admin.query(`GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO ${user}@'%'`);
    for (const one of [user, stranger.user]) {
      await admin.query(`GRANT SELECT ON ${name}.* TO ${one}@'%'`);
    }
    account.write({});
    return account;
  }

  async drop(): Promise<void> {
    await this.#source.admin.query(`DROP USER ${this.user}@'%', ${this.stranger.user}@'%'`);
  }

  /** As Vault's agent does: another file under its name. */
  write(changes: Partial<Dsn>): void {
    const { host, port, database, user, password } = {
      ...parseDsn(this.#source.dsn),
      user: this.user,
      password: 'first-pass',
      ...changes,
    };
    const where = `tcp(${host}:${port})/${database}`;
    const mysql = { dsn: where, user, pass: password };
    if (this.#file.endsWith('.yaml')) this.text(JSON.stringify({ mysql }));
    else this.text(`export DATABASE_DSN="${user}:${password}@${where}"\n`);
  }

  text(content: string): void {
    writeFileSync(`${this.#file}.tmp`, content);
    renameSync(`${this.#file}.tmp`, this.#file);
  }

  remove(): void {
    rmSync(this.#file);
  }

  async setPassword(password: string): Promise<void> {
    await this.#source.admin.query(`ALTER USER ${this.user}@'%' IDENTIFIED BY '${password}'`);
  }

  async connections(): Promise<number[]> {
    return this.#source.sessions(`USER = '${this.user}'`);
  }
}
