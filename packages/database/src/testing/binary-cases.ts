import assert from 'node:assert/strict';
import { test } from 'node:test';

import { selectBinary } from '../binary-rows.ts';
import { sessionConnection } from '../connection.ts';
import { one, ownDatabase, type SqlServerName } from './servers.ts';

const NOTHING = { fields: () => {}, row: () => true };

/** What holds for rows of the binary protocol from either server. */
export function binaryCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('rows are handed over as packets, in order, behind their columns'), async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query('CREATE TABLE t (a int PRIMARY KEY, b double, c longtext)');
    await own.admin.query("INSERT INTO t VALUES (1, -0e0, NULL), (2, 5e-324, REPEAT('x', 100))");
    const connection = await sessionConnection(own.source);
    own.cleanUp(() => connection.end());
    const seen: string[] = [];
    await selectBinary(connection, 'SELECT a, b, c FROM t ORDER BY a', {
      fields: (fields) =>
        seen.push(fields.map(({ name, columnType }) => `${name} ${columnType}`).join()),
      row: (packet, at, end) => {
        const nulls = packet[at + 1]! >> 2;
        const b = packet.readDoubleLE(at + 6);
        seen.push(
          `${packet.readInt32LE(at + 2)} ${Object.is(b, -0) ? '-0' : b} ${nulls} ${end - at}`,
        );
        return true;
      },
    });
    assert.deepEqual(seen, ['a 3,b 5,c 252', '1 -0 4 14', '2 5e-324 0 115']);
  });

  test(on('after a handler that threw, or wants no more, the connection goes on'), async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query('CREATE TABLE t (a int PRIMARY KEY)');
    await own.admin.query('INSERT INTO t VALUES (1), (2), (3), (4)');
    const connection = await sessionConnection(own.source);
    own.cleanUp(() => connection.end());
    const read = async (row: (seen: number) => boolean) => {
      let rows = 0;
      await selectBinary(connection, 'SELECT a FROM t', {
        fields: () => {},
        row: () => row(++rows),
      });
      return rows;
    };
    assert.equal(await read((seen) => seen < 2), 2);
    const fails = read((seen) => {
      if (seen === 2) throw new RangeError('two');
      return true;
    });
    await assert.rejects(fails, new RangeError('two'));
    const refused = selectBinary(connection, 'SELECT a FROM t', {
      fields: () => {
        throw new RangeError('columns');
      },
      row: () => assert.fail('a row of columns that were refused'),
    });
    await assert.rejects(refused, new RangeError('columns'));
    assert.equal(await read(() => true), 4);
    const left = "SHOW SESSION STATUS LIKE 'Com_stmt_close'";
    assert.equal((await one(connection, left))['Value'], '4', 'statements are not kept');
  });

  test(on('errors of the statement and of the connection are told'), async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const connection = await sessionConnection(own.source);
    await assert.rejects(selectBinary(connection, 'SELECT 1 FROM nothing', NOTHING), {
      code: 'ER_NO_SUCH_TABLE',
    });
    // An error behind the first rows.
    const late =
      'SELECT (SELECT 1 FROM (SELECT 1 UNION SELECT 2) d WHERE n > 1) FROM (SELECT 1 AS n UNION ALL SELECT 2) e';
    await assert.rejects(selectBinary(connection, late, NOTHING), {
      code: 'ER_SUBQUERY_NO_1_ROW',
    });
    const { id } = await one(connection, 'SELECT CONNECTION_ID() AS id');
    const lost = assert.rejects(selectBinary(connection, 'SELECT SLEEP(60)', NOTHING));
    await own.admin.query(`KILL ${Number(id)}`);
    await lost;
    connection.destroy();
  });
}
