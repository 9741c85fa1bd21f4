import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { LosingProxy } from './losing-proxy.ts';
import { PurgeSource, type SqlServerName } from './purge-source.ts';

const signal = AbortSignal.timeout(120_000);

/** Chunks are deleted from either real server: exactly, or not at all. */
export function chunkCases(server: SqlServerName): void {
  test(`${server}: a chunk is deleted, and no other row`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2, 3, 4, 5]);
    const table = source.table();
    const digest = await table.digest([2, 4], signal);
    const outcome = await table.deleteChunk([2, 4], digest, source.holder, signal);
    assert.equal(outcome.kind, 'deleted');
    assert.equal(outcome.rows, 2);
    assert.deepEqual(await source.ids(), [1, 3, 5]);
  });

  test(`${server}: a row that was changed or is gone since its digest keeps the whole chunk`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2, 3]);
    const table = source.table();
    const before = await table.digest([1, 2, 3], signal);
    await source.admin.query('UPDATE log_scores SET attributes = NULL WHERE id = 2');
    assert.deepEqual(await table.deleteChunk([1, 2, 3], before, source.holder, signal), {
      kind: 'changed',
      ids: [1, 2, 3],
    });
    const now = await table.digest([1, 2, 3], signal);
    await source.admin.query('DELETE FROM log_scores WHERE id = 3');
    assert.deepEqual(await table.deleteChunk([1, 2, 3], now, source.holder, signal), {
      kind: 'changed',
      ids: [1, 2, 3],
    });
    const without = await table.digest([1, 2, 3], signal);
    const short = await table.deleteChunk([1, 2, 3], without, source.holder, signal);
    assert.equal(short.kind, 'changed', 'a digest of fewer rows than are to go is none of them');
    assert.deepEqual(await source.ids(), [1, 2]);
  });

  test(`${server}: a row that is not old by the server's clock stops the purge, and nothing is deleted`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2]);
    await source.insert([3], 14);
    const table = source.table();
    const digest = await table.digest([1, 2, 3], signal);
    await assert.rejects(table.deleteChunk([1, 2, 3], digest, source.holder, signal), {
      code: 'purge-rows-differ',
      action: 'stop',
    });
    assert.deepEqual(await source.ids(), [1, 2, 3]);
  });

  test(`${server}: a row that somebody has pointed to since keeps the chunk, and is named`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const { admin } = source;
    const { database, user } = source.source;
    await admin.query('ALTER TABLE log_scores ADD UNIQUE KEY server (server_id, id)');
    await admin.query(`CREATE TABLE status (server int unsigned, ls bigint unsigned,
      FOREIGN KEY (server, ls) REFERENCES log_scores (server_id, id))`);
    await admin.query(`GRANT SELECT ON ${database}.status TO ${user}@'%'`);
    await source.insert([1, 2, 3]);
    const table = source.table();
    const digest = await table.digest([1, 2, 3], signal);
    await admin.query('INSERT INTO status VALUES (7, 2)');
    assert.deepEqual(await table.deleteChunk([1, 2, 3], digest, source.holder, signal), {
      kind: 'referenced',
      ids: [2],
    });
    assert.deepEqual(await source.ids(), [1, 2, 3]);
    const rest = await table.digest([1, 3], signal);
    assert.equal((await table.deleteChunk([1, 3], rest, source.holder, signal)).kind, 'deleted');
    assert.deepEqual(await source.ids(), [2]);
  });

  test(`${server}: rows that others have locked are left, and those who insert beside ours do not wait`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([10, 20, 30]);
    const table = source.table();
    const digest = await table.digest([10, 20, 30], signal);
    const other = await source.connect();
    await other.query('BEGIN');
    await other.query('SELECT * FROM log_scores WHERE id = 30 FOR UPDATE');
    const outcome = table.deleteChunk([10, 20, 30], digest, source.holder, signal);
    await until(() => source.running('%FOR UPDATE%'), {
      what: 'the wait for the lock',
      everyMs: 5,
    });
    await source.admin.query('SET SESSION innodb_lock_wait_timeout = 1');
    await source.insert([15, 25]);
    assert.deepEqual(await outcome, { kind: 'collided' });
    await other.query('COMMIT');
    assert.equal(
      (await table.deleteChunk([10, 20, 30], digest, source.holder, signal)).kind,
      'deleted',
    );
    assert.deepEqual(await source.ids(), [15, 25]);
  });

  test(`${server}: a chunk that waited while its lock went to another purge is not deleted`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2, 3]);
    const table = source.table();
    const digest = await table.digest([1, 2, 3], signal);
    const other = await source.connect();
    await other.query('BEGIN');
    await other.query('SELECT * FROM log_scores WHERE id = 3 FOR UPDATE');
    const outcome = table.deleteChunk([1, 2, 3], digest, source.holder, signal);
    outcome.catch(() => {});
    await until(() => source.running('%FOR UPDATE%'), {
      what: 'the wait for the lock',
      everyMs: 5,
    });
    const [name] = source.holder.names;
    await source.admin.query('SELECT RELEASE_LOCK(?)', [name]);
    await other.query('SELECT GET_LOCK(?, 0)', [name]);
    await other.query('COMMIT');
    await assert.rejects(outcome, { code: 'lock-lost', action: 'retry' });
    assert.deepEqual(await source.ids(), [1, 2, 3]);
  });

  test(`${server}: thirty thousand ids are found one by one, and no row between them is locked`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const ids = Array.from({ length: 60_000 }, (_, at) => at + 1);
    await source.insert(ids);
    const [even, odd] = [0, 1].map((rest) => ids.filter((id) => id % 2 === rest)) as [
      number[],
      number[],
    ];
    const table = source.table();
    const digest = await table.digest(even, signal);
    const other = await source.connect();
    await other.query('BEGIN');
    await other.query('SELECT * FROM log_scores WHERE id = 30001 FOR UPDATE');
    assert.equal((await table.deleteChunk(even, digest, source.holder, signal)).kind, 'deleted');
    assert.deepEqual(await source.ids(), odd);
  });

  test(`${server}: what has changed about the table since it was examined ends the chunk`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const { admin } = source;
    await source.insert([1, 2]);
    const table = source.table();
    const changes: [change: string, undo: string][] = [
      ['ALTER TABLE log_scores ADD more int', 'ALTER TABLE log_scores DROP more'],
      [
        'CREATE TABLE child (ls bigint unsigned, FOREIGN KEY (ls) REFERENCES log_scores (id) ON DELETE CASCADE)',
        'DROP TABLE child',
      ],
      [
        'CREATE TRIGGER gone BEFORE DELETE ON log_scores FOR EACH ROW SET @gone = OLD.id',
        'DROP TRIGGER gone',
      ],
    ];
    for (const [change, undo] of changes) {
      await table.preflight(signal);
      const digest = await table.digest([1, 2], signal);
      await admin.query(change);
      await assert.rejects(table.deleteChunk([1, 2], digest, source.holder, signal), {
        code: 'table-changed',
      });
      await admin.query(undo);
      assert.deepEqual(await source.ids(), [1, 2], change);
    }
    const digest = await table.digest([1, 2], signal);
    assert.equal((await table.deleteChunk([1, 2], digest, source.holder, signal)).kind, 'deleted');
  });

  test(`${server}: when the answer to COMMIT is lost the outcome is unknown, and what is held tells it`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2, 3]);
    const proxy = await LosingProxy.create(t, source.source);
    const table = source.table({}, { host: '127.0.0.1', port: proxy.port, tls: 'false' });
    const digest = await table.digest([1, 2], signal);
    proxy.loses = 'COMMIT';
    await assert.rejects(table.deleteChunk([1, 2], digest, source.holder, signal), {
      code: 'chunk-outcome-unknown',
      action: 'retry',
    });
    assert.deepEqual(await table.held([1, 2], signal), []);

    // A connection that is lost before has deleted nothing.
    const last = await table.digest([3], signal);
    proxy.loses = 'DELETE';
    await assert.rejects(table.deleteChunk([3], last, source.holder, signal), {
      code: 'source-connection',
    });
    const held = (): Promise<number[]> => table.held([3], signal).catch(() => []);
    await until(async () => (await held()).length === 1, { what: 'the rollback' });
  });
}
