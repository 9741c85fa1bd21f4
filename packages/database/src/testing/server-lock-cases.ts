import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createLog } from '@scoreline/service';
import { uniqueName, until } from '@scoreline/testing';

import { type Leadership, ServerLock } from '../server-lock.ts';
import type { Source } from '../source.ts';
import { one, ownDatabase, type SqlServerName } from './servers.ts';

/** Locks of either real server, several on one connection. */
export function serverLockCases(server: SqlServerName): void {
  test(`${server}: whoever wants any of several locks waits, is told which, and gets all of them`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const [purge, archiver] = [uniqueName('purge'), uniqueName('archiver')];
    const { held, waited } = wants(t, own.source, [archiver]);
    const first = await held;
    assert.deepEqual(waited, []);

    const both = wants(t, own.source, [purge, archiver]);
    await until(() => both.waited.length > 0, { what: 'waiting' });
    assert.deepEqual(both.waited, [archiver]);
    await first.release();
    const second = await both.held;
    await second.confirm();
    for (const name of [purge, archiver]) {
      const { holder } = await one(own.admin, `SELECT IS_USED_LOCK('${name}') AS holder`);
      assert.equal(Number(holder), second.connection.threadId);
    }
  });

  test(`${server}: when one of several locks is gone, none of them is held any more`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const names = [uniqueName('purge'), uniqueName('archiver')];
    const leadership = await wants(t, own.source, names).held;
    await leadership.confirm();
    await leadership.connection.query('SELECT RELEASE_LOCK(?)', [names[1]]);
    await assert.rejects(leadership.confirm(), { code: 'lock-lost' });
    assert.ok(leadership.lost.aborted);
  });

  test(`${server}: a lock is lost with its session`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const leadership = await wants(t, own.source, [uniqueName('purge')]).held;
    await own.admin.query(`KILL ${leadership.connection.threadId}`);
    await until(() => leadership.lost.aborted, { what: 'the loss' });
  });
}

interface Wanting {
  readonly held: Promise<Leadership>;
  readonly waited: string[];
}

function wants(t: TestContext, source: Source, names: readonly string[]): Wanting {
  const waited: string[] = [];
  const stop = new AbortController();
  const lock = new ServerLock(names, createLog('test', { log_level: 'silent' }));
  const held = lock.acquire(source, stop.signal, (name) => void waited.push(name));
  t.after(async () => {
    stop.abort();
    await held.then(
      (leadership) => leadership.release(),
      () => {},
    );
  });
  return { held, waited };
}
