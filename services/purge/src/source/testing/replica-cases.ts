import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { identityAt, parseDsn, Pool, sessionConnection, type Source } from '@scoreline/database';
import { Databases } from '@scoreline/local';
import { createLog } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { type Captured, hasPassed } from '../has-passed.ts';
import { LoadProbe } from '../load-probe.ts';
import { PurgeLocks } from '../purge-locks.ts';
import { PurgeTable } from '../purge-table.ts';
import { sourcePosition } from '../source-position.ts';
import type { SqlServerName } from './purge-source.ts';

const signal = AbortSignal.timeout(120_000);

/** A primary of either flavour, and its replica beside it. */
export function replicaCases(flavour: SqlServerName): void {
  const servers = new Databases();
  let made: ReturnType<Databases['pair']> | undefined;
  const pair = (): ReturnType<Databases['pair']> => (made ??= servers.pair({ flavour }));
  after(() => servers.destroy());

  test(`${flavour}: capture may follow the replica, and rows are deleted from the primary alone`, async (t) => {
    if (needServer(t, flavour) === '') return;
    const { primary, replica } = await pair();
    await primary.run(
      'CREATE DATABASE purged',
      'CREATE TABLE purged.log_scores (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, ts datetime)',
      "INSERT INTO purged.log_scores VALUES (1, '2020-01-01')",
    );
    await replica.caughtUp();
    const [here, there] = [primary, replica].map(({ adminDsn }) => ({
      ...sourceOf(adminDsn),
      database: 'purged',
    })) as [Source, Source];
    const pool = new Pool(here);
    t.after(() => pool.end());
    const table = new PurgeTable(pool, { source: here, retentionDays: 15 });
    await table.preflight(signal);
    const log = createLog('test', { log_level: 'silent' });
    const locks = await new PurgeLocks({ table: 'log_scores', prefix: '' }, log).acquire(
      here,
      signal,
      () => {},
    );
    t.after(() => locks.release());
    const { holder } = locks;

    const captured = async (): Promise<Captured> => {
      const connection = await sessionConnection(there, { signal });
      try {
        const source = await identityAt(connection);
        const { position, gtidSet } = await sourcePosition(connection, source);
        return { source, position, gtidSet, event: { file: '', start: 0, end: 0, crc32: 0 } };
      } finally {
        await connection.end();
      }
    };
    await replica.stopReceiving();
    const earlier = await captured();
    await primary.run('UPDATE purged.log_scores SET ts = ts - INTERVAL 1 DAY');
    const digest = await table.digest([1], signal);
    const at = await table.position(signal);
    assert.equal(hasPassed(earlier, at), false);
    await replica.startReceiving();
    await replica.caughtUp();
    assert.equal(hasPassed(await captured(), at), true);

    pool.replace(there);
    await assert.rejects(table.deleteChunk([1], digest, holder, signal), {
      code: 'source-changed',
    });
    await assert.rejects(table.deleteChunk([1], digest, holder, signal), /read_only is (?:1|ON)/);
    pool.replace(here);
    assert.equal((await table.deleteChunk([1], digest, holder, signal)).kind, 'deleted');
  });

  test(`${flavour}: the load is told, and a replica that does not replicate, or answer, makes the lag unknown`, async (t) => {
    if (needServer(t, flavour) === '') return;
    const { primary, replica } = await pair();
    const pool = new Pool(sourceOf(primary.adminDsn));
    t.after(() => pool.end());
    const said: string[] = [];
    const log = createLog('test', { log_level: 'info' }, { write: (line) => said.push(line) });
    const probe = (...dsns: string[]): LoadProbe => {
      const made = new LoadProbe(pool, dsns.map(sourceOf), { log });
      t.after(() => made.end());
      return made;
    };

    const alone = await probe().read(signal);
    assert.ok(alone.threadsRunning! >= 1);
    assert.ok(alone.historyListLength! >= 0);
    assert.equal(alone.replicaLagMs, 0, 'no replica is behind');
    assert.deepEqual(said, []);

    const watching = probe(replica.adminDsn);
    await until(async () => (await watching.read(signal)).replicaLagMs === 0, { what: 'no lag' });
    said.length = 0;
    const mixed = await probe(replica.adminDsn, primary.adminDsn).read(signal);
    assert.equal(mixed.replicaLagMs, null, 'the primary replicates nothing');
    assert.equal(said.length, 1);

    await replica.stopReceiving();
    assert.equal((await watching.read(signal)).replicaLagMs, null);
    await replica.startReceiving();
    await until(async () => (await watching.read(signal)).replicaLagMs === 0, { what: 'no lag' });
    said.length = 0;
    await replica.kill();
    for (const _ of [1, 2]) assert.equal((await watching.read(signal)).replicaLagMs, null);
    assert.equal(said.length, 1, 'it is said once');
    assert.notEqual((await watching.read(signal)).threadsRunning, null);
    await replica.start();
    await until(async () => (await watching.read(signal)).replicaLagMs === 0, { what: 'no lag' });

    await primary.kill();
    const dead = await watching.read(signal);
    assert.deepEqual([dead.threadsRunning, dead.historyListLength], [null, null]);
  });
}

function sourceOf(dsn: string): Source {
  return {
    ...parseDsn(dsn),
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
    origin: 'database_dsn',
  };
}
