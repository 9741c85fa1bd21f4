import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { type Database, Databases } from '@scoreline/local';
import { needServer } from '@scoreline/testing';

import { sessionConnection } from '../connection.ts';
import type { Problem } from '../preflight.ts';
import { preflightServer } from '../server-preflight.ts';
import { sourceFrom, type SqlServerName } from './servers.ts';

/** Replicas of either server, asked by a user with the documented grants and no more. */
export function replicaCases(flavour: SqlServerName): void {
  const servers = new Databases();
  after(() => servers.destroy());

  test(`${flavour}: a replica whose binlog lacks what it replicates is refused, and its primary is not`, async (t) => {
    if (needServer(t, flavour) === '') return;
    const { primary, replica } = await servers.pair({ flavour, logReplicaUpdates: false });
    assert.deepEqual(await checked(primary), []);

    const variable = flavour === 'mysql' ? 'log_replica_updates' : 'log_slave_updates';
    for (const stop of [false, true]) {
      // It is one all the same while it receives nothing.
      if (stop) await replica.stopReceiving();
      const [problem, ...others] = await checked(replica);
      assert.deepEqual([problem?.severity, problem?.subject], ['error', variable]);
      assert.match(
        problem?.message ?? '',
        /is OFF and this server is a replica: rows that it repli/,
      );
      assert.match(problem?.remedy ?? '', new RegExp(`${variable} = ON`));
      assert.deepEqual(others, []);
    }
    await replica.promote();
    assert.deepEqual(await checked(replica), []);
  });
}

async function checked(database: Database): Promise<readonly Problem[]> {
  const source = sourceFrom(database.dsn);
  const connection = await sessionConnection(source);
  try {
    return (await preflightServer(connection, source)).problems;
  } finally {
    await connection.end();
  }
}
