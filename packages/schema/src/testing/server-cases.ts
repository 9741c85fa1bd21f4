import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { uniqueName } from '@scoreline/testing';
import ZongJi from '@vlasky/zongji';
import fc from 'fast-check';
import mysql from 'mysql2/promise';

import { Block } from '../block.ts';
import { checkColumns, columnsOf, type TableMapEntry } from '../columns.ts';
import { RowEncoder } from '../row-encoder.ts';
import { readRowsHeader } from '../rows-header.ts';
import type { SqlColumn } from '../sql-columns.ts';
import { ValueEncoder } from '../value-encoder.ts';
import { type EncodedRow, encodedRows } from './encoded-row.ts';
import { asRow, decodeLogScore, expectedRow } from './log-score.ts';
import { selectPackets } from './select-packets.ts';
import { anyTable, type TableDefinition } from './server-tables.ts';
import type { ZongjiRow } from './zongji-rows.ts';

const TABLES = 24;
const ROWS = 40;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}

interface Tappable {
  handlePacket(packet: Packet | undefined): unknown;
}

function addressOf(dsn: string): Address {
  const match = /^([^:@]*)(?::([^@]*))?@tcp\(([^:)]+):(\d+)\)/.exec(dsn);
  if (!match) throw new Error(`not a DSN of the stack: ${dsn}`);
  const [, user = '', password = '', host = '', port = ''] = match;
  return { host, port: Number(port), user, password };
}

/**
 * Random tables of a real server, with random rows: each event of its binlog is decoded by zongji and
 * encoded by us, and both are compared with what SELECT says. What we encode of a SELECT is the same,
 * byte for byte.
 */
export async function compareWithServer(t: TestContext, dsn: string): Promise<void> {
  const address = addressOf(dsn);
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`SEED=${seed}`);
  const database = uniqueName('schema_rows');
  const connection = await mysql.createConnection({
    ...address,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
  });
  t.after(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${database}`);
    await connection.end();
  });
  await connection.query(`CREATE DATABASE ${database}`);
  await connection.query(`USE ${database}`);
  await connection.query(`SET time_zone = '+00:00'`);
  const from = await position(connection);

  const selected = new Map<string, readonly ZongjiRow[]>();
  const tables = fc.sample(anyTable(ROWS), { seed, numRuns: TABLES });
  for (const [index, table] of tables.entries()) {
    selected.set(`t${index}`, await fill(connection, `t${index}`, table));
  }

  const encoded = await readBinlog(t, address, database, from, TABLES * ROWS);
  assert.deepEqual([...encoded.keys()].toSorted(), [...selected.keys()].toSorted());
  for (const [name, rows] of selected) {
    const inBinlog = encoded.get(name)!;
    assert.deepStrictEqual(asRows(inBinlog), rows);
    assert.deepStrictEqual(await encodeSelected(connection, database, name), inBinlog);
  }
}

function asRows(encoded: readonly EncodedRow[]): ZongjiRow[] {
  return encoded.map(({ datum }) => asRow(decodeLogScore(datum)));
}

async function encodeSelected(
  connection: mysql.Connection,
  database: string,
  table: string,
): Promise<EncodedRow[]> {
  const [columns] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS dataType, COLUMN_TYPE LIKE '%unsigned%' AS isUnsigned,
            CHARACTER_SET_NAME AS charset
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
    [database, table],
  );
  const encoder = new ValueEncoder(
    columns.map((row) => ({ ...(row as SqlColumn), unsigned: row['isUnsigned'] === 1 })),
  );
  await connection.query('SET character_set_results = NULL');
  const { fields, packets } = await selectPackets(
    connection,
    `SELECT ${encoder.selectList} FROM ${table} ORDER BY id`,
  );
  await connection.query('SET character_set_results = utf8mb4');
  assert.deepEqual(encoder.problems(fields), []);
  const block = new Block(16, 1);
  for (const packet of packets) {
    const id = encoder.id(packet, 0, packet.length);
    encoder.encode(packet, 0, packet.length, block);
    assert.equal(block.ids[block.rows - 1], id);
  }
  return encodedRows(block);
}

async function position(connection: mysql.Connection): Promise<{ file: string; at: number }> {
  const ask = async (sql: string) => (await connection.query<mysql.RowDataPacket[]>(sql))[0][0];
  const row = await ask('SHOW BINARY LOG STATUS').catch(() => ask('SHOW MASTER STATUS'));
  return { file: String(row?.['File']), at: Number(row?.['Position']) };
}

async function fill(
  connection: mysql.Connection,
  name: string,
  { columns, rows }: TableDefinition,
): Promise<readonly ZongjiRow[]> {
  const definitions = columns.map(({ name: column, sql }) => `\`${column}\` ${sql}`);
  await connection.query(`CREATE TABLE ${name} (${definitions.join(', ')}, PRIMARY KEY (id))`);
  const values = columns.map(({ parameter }) => parameter);
  await connection.beginTransaction();
  for (const row of rows) {
    await connection.execute(`INSERT INTO ${name} VALUES (${values.join(', ')})`, [...row]);
  }
  await connection.commit();
  const [found] = await connection.execute<mysql.RowDataPacket[]>(
    `SELECT * FROM ${name} ORDER BY id`,
  );
  return found.map((row) => expectedRow({ ...row }));
}

function readBinlog(
  t: TestContext,
  address: Address,
  database: string,
  from: { readonly file: string; readonly at: number },
  total: number,
): Promise<Map<string, EncodedRow[]>> {
  const zongji = new ZongJi({ ...address, timezone: 'Z', dateStrings: true });
  t.after(() => zongji.stop());
  const encoded = new Map<string, EncodedRow[]>();
  let body: Buffer = Buffer.alloc(0);
  let type = 0;
  let seen = 0;
  return new Promise((resolve, reject) => {
    zongji.on('error', reject);
    zongji.on('ready', () => {
      const connection = (zongji as unknown as { connection: Tappable }).connection;
      const handle = connection.handlePacket.bind(connection);
      connection.handlePacket = (packet) => {
        if (packet && packet.end - packet.offset > 24) {
          type = packet.buffer[packet.offset + 5]!;
          // Behind the status byte and the event's header, before its CRC32.
          body = packet.buffer.subarray(packet.offset + 20, packet.end - 4);
        }
        return handle(packet);
      };
    });
    zongji.on('binlog', (event) => {
      if (event.getTypeName() !== 'WriteRows') return;
      const { tableId, tableMap, rows } = event as unknown as {
        tableId: number;
        tableMap: Record<number, TableMapEntry & { tableName: string }>;
        rows: readonly ZongjiRow[];
      };
      try {
        const entry = tableMap[tableId]!;
        const ours = encodeEvent(entry, Buffer.from(body), type);
        compareWithZongji(entry, asRows(ours), rows);
        encoded.set(entry.tableName, [...(encoded.get(entry.tableName) ?? []), ...ours]);
      } catch (error) {
        reject(error);
      }
      seen += rows.length;
      if (seen === total) resolve(sorted(encoded));
    });
    zongji.start({
      serverId: 2 ** 31 + Math.floor(Math.random() * 2 ** 30),
      filename: from.file,
      position: from.at,
      includeEvents: ['tablemap', 'writerows'],
      includeSchema: { [database]: true },
    });
  });
}

function encodeEvent(entry: TableMapEntry, body: Buffer, type: number): EncodedRow[] {
  const columns = columnsOf(entry);
  assert.deepEqual(checkColumns(columns), []);
  const { rowsStart, allPresent, columns: count } = readRowsHeader(body, 0, type);
  assert.equal(allPresent, true);
  assert.equal(count, columns.length);
  const encoder = new RowEncoder(columns);
  const block = new Block();
  for (let at = rowsStart; at < body.length;) at = encoder.encode(body, at, body.length, block);
  return encodedRows(block);
}

function compareWithZongji(
  entry: TableMapEntry,
  ours: readonly ZongjiRow[],
  theirs: readonly ZongjiRow[],
): void {
  const text = entry.columns.find(({ name }) => name === 'attributes');
  // Zongji has no characters for the five holes of latin1; SELECT has.
  const blind = text?.charset === 'latin1' ? { attributes: null } : {};
  assert.deepStrictEqual(
    ours.map((row) => ({ ...row, ...blind })),
    theirs.map((row) => ({ ...expectedRow(row), ...blind })),
  );
}

function sorted(encoded: Map<string, EncodedRow[]>): Map<string, EncodedRow[]> {
  for (const rows of encoded.values()) rows.sort((a, b) => a.id - b.id);
  return encoded;
}
