import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { hasGtids } from '@scoreline/database';

import type { Lot } from '../../purge/ports.ts';
import { preparePurgeSession } from '../purge-session.ts';
import { PurgeSource, type SqlServerName } from './purge-source.ts';

const signal = AbortSignal.timeout(120_000);

/** What the purge reads of either real server. */
export function purgeTableCases(server: SqlServerName): void {
  test(`${server}: a lot is the next rows by id, with those that are old and those that are pointed to`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const table = source.table();
    assert.equal(await table.span(signal), null);
    const none = await table.lot(0, 10, signal);
    assert.deepEqual([rowsOf(none), none.next, none.isLast], [[], 0, true]);

    await source.insert([3, 5, 4_294_967_296, 9_007_199_254_740_991], 16);
    await source.insert([4, 6], 14);
    await source.admin.query(
      'CREATE TABLE status (ls bigint unsigned, FOREIGN KEY (ls) REFERENCES log_scores (id))',
    );
    await source.admin.query('INSERT INTO status VALUES (5), (5), (6), (NULL)');
    await source.admin.query(
      `GRANT SELECT ON ${source.source.database}.status TO ${source.source.user}@'%'`,
    );
    await table.preflight(signal);
    const first = await table.lot(0, 3, signal);
    assert.deepEqual(rowsOf(first), [
      { id: 3, referenced: false, isOld: true },
      { id: 4, referenced: false, isOld: false },
      { id: 5, referenced: true, isOld: true },
    ]);
    assert.deepEqual([first.next, first.isLast], [5, false]);
    const second = await table.lot(first.next, 4, signal);
    assert.deepEqual(rowsOf(second), [
      { id: 6, referenced: true, isOld: false },
      { id: 4_294_967_296, referenced: false, isOld: true },
      { id: 9_007_199_254_740_991, referenced: false, isOld: true },
    ]);
    assert.deepEqual([second.next, second.isLast], [9_007_199_254_740_991, true]);
    const span = await table.span(signal);
    assert.deepEqual([span?.minId, span?.maxId], [3, 9_007_199_254_740_991]);
    const days = (Date.now() - (span?.oldestTs?.getTime() ?? 0)) / 86_400_000;
    assert.ok(Math.abs(days - 16) < 0.1, `${days} days`);
  });

  test(`${server}: an id that no record can hold stops the purge`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.admin.query(
      "INSERT INTO log_scores (id, server_id, ts) VALUES (9007199254740992, 1, '2020-01-01')",
    );
    await assert.rejects(source.table().lot(0, 10, signal), { code: 'row-unreadable' });
  });

  test(`${server}: an id and a time of other types are read the same`, async (t) => {
    const source = await PurgeSource.create(t, server, {
      columns: '(id int NOT NULL AUTO_INCREMENT PRIMARY KEY, ts timestamp NULL)',
    });
    if (!source) return;
    await source.admin.query(
      "INSERT INTO log_scores VALUES (1, '2020-01-01'), (2, NULL), (2147483647, UTC_TIMESTAMP())",
    );
    const lot = await source.table().lot(0, 10, signal);
    assert.deepEqual(
      rowsOf(lot).map(({ id, isOld }) => [id, isOld]),
      [
        [1, true],
        [2, false],
        [2_147_483_647, false],
      ],
    );
  });

  test(`${server}: a DATETIME is as old as it is in its own zone`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.admin.query(`INSERT INTO log_scores (server_id, ts) VALUES
      (1, UTC_TIMESTAMP() - INTERVAL 15 DAY + INTERVAL 1 HOUR), (1, UTC_TIMESTAMP() - INTERVAL 15 DAY - INTERVAL 1 HOUR)`);
    const oldIn = async (timeZone: string | undefined): Promise<boolean[]> => {
      const table = source.table({ source: { ...source.source, timeZone } });
      return rowsOf(await table.lot(0, 10, signal)).map(({ isOld }) => isOld);
    };
    assert.deepEqual(await oldIn('UTC'), [false, true]);
    assert.deepEqual(await oldIn('+02:00'), [true, true]);
    assert.deepEqual(await oldIn('-02:00'), [false, false]);
  });

  test(`${server}: a digest tells every change of a value, whatever its type`, async (t) => {
    const source = await PurgeSource.create(t, server, {
      columns: `(id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, ts datetime(6) NOT NULL, score double,
        f float, fixed double(10,3), j json, b bit(9), e enum('', 'x'), s set('a', 'b'), v varbinary(9), t text,
        l varchar(9) CHARACTER SET latin1, p point, d decimal(20,10), y time(6))`,
    });
    if (!source) return;
    const { admin } = source;
    await admin.query(
      "INSERT INTO log_scores (id, ts) VALUES (1, '2025-01-01'), (2, '2025-01-01')",
    );
    const table = source.table();
    const changes: readonly [column: string, values: readonly string[]][] = [
      ['ts', ["'2025-01-01 00:00:00.000001'", "'2025-01-01 00:00:01'"]],
      // The next number, the smallest, the largest, and the two zeros.
      [
        'score',
        [
          '0.1',
          '0.10000000000000002',
          '5e-324',
          '1e-323',
          '0e0',
          '-0e0',
          '1.7976931348623157e308',
          '1.7976931348623155e308',
          '-2.2250738585072014e-308',
          '-2.225073858507202e-308',
        ],
      ],
      ['f', ['0.1', '0.10000001', '16777215', '16777214']],
      ['fixed', ['0.001', '0.002']],
      ['j', [`'{"a": 1}'`, `'{"a": 2}'`, "'null'", `'""'`]],
      ['b', ["b'0'", "b'1'", "b'100000000'"]],
      ['e', ["''", "'x'"]],
      ['s', ["''", "'a'", "'a,b'"]],
      ['v', ["''", "x'00'", "x'0000'", "x'ff'", "'N'"]],
      ['t', ["''", "'N'", "' '", "'a'", "'A'", "'ä'", "'a '", "',N,N'"]],
      ['l', ["''", "'ä'", "'a'"]],
      ['p', ['POINT(1, 2)', 'POINT(2, 1)']],
      ['d', ['0.0000000001', '0.0000000002']],
      ['y', ["'00:00:00'", "'-00:00:00.000001'", "'00:00:00.000001'"]],
    ];
    const digests = new Map<string, string>();
    const look = async (what: string): Promise<void> => {
      const { count, digest } = await table.digest([1, 2], signal);
      assert.equal(count, 2);
      assert.match(digest, /^[\da-f]{16}$/);
      assert.equal(digests.get(digest), undefined, `${what} is as`);
      digests.set(digest, what);
    };
    await look('as inserted');
    for (const [column, values] of changes) {
      for (const value of values) {
        await admin.query(`UPDATE log_scores SET \`${column}\` = ${value} WHERE id = 2`);
        await look(`${column} = ${value}`);
      }
    }
    const [before] = [...digests.keys()].slice(-1);
    await admin.query('INSERT INTO log_scores (id, ts) VALUES (3, UTC_TIMESTAMP())');
    assert.equal((await table.digest([1, 2], signal)).digest, before, 'other rows do not count');
    await admin.query('DELETE FROM log_scores WHERE id = 2');
    assert.equal((await table.digest([1, 2], signal)).count, 1);
  });

  test(`${server}: the position is behind everything that was read before`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const table = source.table();
    const before = await table.position(signal);
    await source.insert([1, 2]);
    await table.digest([1, 2], signal);
    const after = await table.position(signal);
    assert.deepEqual(after.source, before.source);
    assert.ok(after.position.file >= before.position.file);
    assert.notDeepEqual(after.position, before.position);
    assert.notEqual(after.gtidSet, before.gtidSet);
    assert.match(
      after.gtidSet,
      server === 'mysql' ? /^[\da-f-]{36}:\d/ : /^\d+-\d+-\d+(?:,\d+-\d+-\d+)*$/,
    );
  });

  test(`${server}: a session whose statements would not be in the binlog is not used`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    const connection = await source.connect();
    await preparePurgeSession(connection);
    await connection.query('SET SESSION sql_log_bin = 0');
    await assert.rejects(preparePurgeSession(connection), {
      code: 'purge-session',
      action: 'stop',
    });
  });

  test(`${server}: which rows are held is told when whoever deletes them has ended`, async (t) => {
    const source = await PurgeSource.create(t, server);
    if (!source) return;
    await source.insert([1, 2, 3]);
    const table = source.table();
    assert.deepEqual(await table.held([3, 1, 9], signal), [1, 3]);
    const other = await source.connect();
    await other.query('BEGIN');
    await other.query('DELETE FROM log_scores WHERE id = 2');
    await assert.rejects(table.held([1, 2], signal), { code: 'source-connection' });
    const answer = table.held([2, 3], signal).catch(() => table.held([2, 3], signal));
    await other.query('COMMIT');
    assert.deepEqual(await answer, [3]);
  });
}

/** MariaDB has a group in its binlog position before it can be seen. */
export function executedGtidCases(): void {
  test('mysql: a group that is being committed is in the position', async (t) => {
    const source = await PurgeSource.create(t, 'mysql');
    if (!source) return;
    const gtid = `${randomUUID()}:1`;
    const other = await source.connect();
    await other.query(`SET SESSION gtid_next = '${gtid}'`);
    await other.query('BEGIN');
    await other.query("INSERT INTO log_scores (server_id, ts) VALUES (1, '2020-01-01')");
    const { gtidSet } = await source.table().position(signal);
    assert.equal(hasGtids('mysql', gtidSet, gtid), true);
    await other.query('ROLLBACK');
  });
}

function rowsOf({ ids, old, referenced }: Lot) {
  return Array.from(ids, (id, at) => ({
    id,
    referenced: referenced.has(id),
    isOld: old[at] === 1,
  }));
}
