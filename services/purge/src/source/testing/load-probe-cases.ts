import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { parseDsn, Pool, type Source } from '@scoreline/database';
import { Databases } from '@scoreline/local';
import { createLog } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { LoadProbe } from '../load-probe.ts';
import type { SqlServerName } from './purge-source.ts';

const signal = AbortSignal.timeout(120_000);

/** What a primary of either flavour and its replica say of their load. */
export function loadProbeCases(flavour: SqlServerName): void {
  const servers = new Databases();
  after(() => servers.destroy());

  test(`${flavour}: the load is told, and a replica that does not replicate, or answer, makes the lag unknown`, async (t) => {
    if (needServer(t, flavour) === '') return;
    const { primary, replica } = await servers.pair({ flavour });
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
