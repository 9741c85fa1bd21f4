import assert from 'node:assert/strict';
import { test } from 'node:test';

import { replicaLagMs, type ReplicaStatus } from './replica-lag.ts';

function mysql(seconds: unknown, io = 'Yes', sql = 'Yes'): ReplicaStatus[number] {
  return { Replica_IO_Running: io, Replica_SQL_Running: sql, Seconds_Behind_Source: seconds };
}

function mariadb(seconds: unknown, io = 'Yes', sql = 'Yes'): ReplicaStatus[number] {
  return { Slave_IO_Running: io, Slave_SQL_Running: sql, Seconds_Behind_Master: seconds };
}

const CASES: [status: ReplicaStatus, lagMs: number | null][] = [
  [[mysql(0)], 0],
  [[mysql('3')], 3000],
  [[mariadb('7')], 7000],
  [[mariadb('7'), mariadb('9'), mariadb('1')], 9000],
  [[], null],
  [[mysql(null)], null],
  [[mysql('NULL')], null],
  [[mysql(0, 'Connecting')], null],
  [[mysql(0, 'No')], null],
  [[mariadb(0, 'Yes', 'No')], null],
  [[mariadb(0, 'Preparing')], null],
  [[mariadb('0'), mariadb('0', 'No')], null],
  [[{}], null],
];

test('the lag of a replica is that of its slowest source, and unknown unless all of them run', () => {
  for (const [status, lagMs] of CASES) {
    assert.equal(replicaLagMs(status), lagMs, JSON.stringify(status));
  }
});
