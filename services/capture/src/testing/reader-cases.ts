import assert from 'node:assert/strict';
import { test } from 'node:test';

import { currentPosition } from '@scoreline/database';
import { Block } from '@scoreline/schema';
import type { RowDataPacket } from 'mysql2/promise';

import { rowsInBinlog } from './binlog-rows.ts';
import { readAll, readerSetup } from './reader-setup.ts';
import { insertAny, LAYOUTS } from './reader-tables.ts';
import type { SqlServerName } from './source-database.ts';

const LIMITS = { limitRows: 1_000, limitBytes: 1_000_000 };
const ALL = { from: 1, to: Number.MAX_SAFE_INTEGER };

/** The same promises on both servers. */
export function readerCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  for (const { what, sql, utcOffsetMinutes, only = server, unknownColumns = 'omit' } of LAYOUTS) {
    if (only !== server) continue;
    test(on(`what SELECT gives is what capture reads in the binlog: ${what}`), async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { admin, identity, source, connect, open } = made;
      await admin.query(`CREATE TABLE log_scores ${sql}`);
      const from = await currentPosition(admin, identity.flavour);
      const rows = await insertAny(t, admin);
      const options = { source, identity, from, rows, utcOffsetMinutes, unknownColumns };
      const inBinlog = await rowsInBinlog(options);
      const session = await connect();
      // Whatever a session begins with.
      await session.query(`SET SESSION sql_mode = 'PAD_CHAR_TO_FULL_LENGTH', time_zone = '+05:00'`);
      const reader = await open(session, utcOffsetMinutes, unknownColumns);
      const selected = await readAll(reader, ALL, { limitRows: 37 });
      assert.deepStrictEqual(selected.rows, inBinlog);
      assert.equal(selected.rows.length, rows);
    });
  }

  test(on('however it is cut, every row that was asked for comes once, in order'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    await made.own.createTable();
    await made.own.insert(3_000);
    await made.admin.query('DELETE FROM log_scores WHERE id % 7 = 0 OR id BETWEEN 500 AND 900');
    const ids = await made.own.ids();
    const reader = await made.open();
    const idsOf = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
    for (const options of [{}, { limitRows: 7 }, { limitBytes: 1 }, { limitBytes: 700 }]) {
      const some = { from: 450, to: 1_200 };
      const within = ids.filter((id) => id >= some.from && id <= some.to);
      assert.deepEqual(idsOf((await readAll(reader, some, options)).rows), within);
      const odd = { ...options, wanted: (id: number) => id % 3 === 1 };
      const wanted = within.filter((id) => id % 3 === 1);
      assert.deepEqual(idsOf((await readAll(reader, some, odd)).rows), wanted);
      // Half of these are gone.
      const list = Float64Array.from({ length: 600 }, (_, i) => 301 + i * 2);
      const listed = ids.filter((id) => list.includes(id));
      assert.deepEqual(idsOf((await readAll(reader, list, options)).rows), listed);
    }
    const every = Float64Array.from({ length: 3_500 }, (_, i) => i + 1);
    const { rows, calls } = await readAll(reader, every, { limitRows: 10_000 });
    assert.deepEqual(idsOf(rows), ids);
    assert.equal(calls, 4, 'a thousand ids a statement');
    assert.deepEqual(
      [...(await reader.ids(450, 1_200))],
      ids.filter((id) => id >= 450 && id <= 1_200),
    );
    assert.deepEqual([...(await reader.ids(1, 10_000))], ids);
  });

  test(on('a call says how far it came'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    await made.own.createTable();
    await made.own.insert(20);
    await made.admin.query('DELETE FROM log_scores WHERE id BETWEEN 11 AND 15');
    const reader = await made.open();
    const read = (asked: Parameters<typeof reader.rows>[0], options = {}) =>
      reader.rows(asked, new Block(), { ...LIMITS, ...options });
    const none = () => false;
    assert.deepEqual(await read({ from: 1, to: 9 }), { rows: 9, last: 9, done: true });
    assert.deepEqual(await read({ from: 6, to: 13 }), { rows: 5, last: 13, done: true });
    assert.deepEqual(await read({ from: 11, to: 15 }), { rows: 0, last: 15, done: true });
    assert.deepEqual(await read({ from: 1, to: 20 }, { limitRows: 10 }), {
      rows: 10,
      last: 10,
      done: false,
    });
    assert.deepEqual(await read({ from: 1, to: 20 }, { wanted: none }), {
      rows: 0,
      last: 20,
      done: true,
    });
    assert.deepEqual(await read({ from: 1, to: 20 }, { wanted: none, limitRows: 4 }), {
      rows: 0,
      last: 4,
      done: false,
    });
    assert.deepEqual(await read({ from: 19, to: 20 }, { limitRows: 2 }), {
      rows: 2,
      last: 20,
      done: true,
    });
    assert.deepEqual(await read({ from: 3, to: 9 }, { limitBytes: 1 }), {
      rows: 1,
      last: 3,
      done: false,
    });
    assert.deepEqual(await read(Float64Array.of(2, 12, 17)), { rows: 2, last: 17, done: true });
    assert.deepEqual(await read(Float64Array.of(2, 12, 17), { limitRows: 2 }), {
      rows: 1,
      last: 12,
      done: false,
    });
    assert.deepEqual(await read(Float64Array.of(2, 12, 17), { limitBytes: 1 }), {
      rows: 1,
      last: 2,
      done: false,
    });
    assert.deepEqual(await read(new Float64Array()), { rows: 0, last: 0, done: true });
  });

  test(on('large rows are read in small parts, and little is sent in vain'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    await made.own.createTable();
    await made.admin.query('ALTER TABLE log_scores MODIFY attributes mediumtext');
    await made.own.insert(60);
    await made.admin.query("UPDATE log_scores SET attributes = REPEAT('x', 100000)");
    const session = await made.connect();
    const reader = await made.open(session);
    const sent = async () => {
      const [[row]] = await session.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Bytes_sent'");
      return Number(row?.['Value']);
    };
    const block = new Block();
    const before = await sent();
    const first = await reader.rows({ from: 1, to: 10 }, block, {
      limitRows: 10,
      limitBytes: 250_000,
    });
    assert.deepEqual(first, { rows: 3, last: 3, done: false });
    assert.ok(block.byteLength < 250_000 + 101_000);
    const learnt = await sent();
    assert.ok(learnt - before > 1_000_000, 'the rest of ten rows was sent');
    const rest = await readAll(reader, { from: 4, to: 60 }, { limitBytes: 250_000 });
    assert.deepEqual(
      rest.rows.map(({ id }) => id),
      Array.from({ length: 57 }, (_, i) => i + 4),
    );
    assert.ok((await sent()) - learnt < 57 * 100_000 * 1.2);
  });
}
