import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as zlib from 'node:zlib';

import {
  EXTREME_ROWS,
  rowDifferences,
  sampleRange,
  type SampleRow,
  sampleRow,
} from '@scoreline/landing/testing';
import { LOG_SCORE_V1 } from '@scoreline/schema';
import { needServer, uniqueName } from '@scoreline/testing';

import { type CodecName, CODECS } from './codec.ts';
import { FIRST, MemoryStore, tempFolder, testObjectSink } from './testing/index.ts';

const TYPES = [
  ['long', 'Int64'],
  ['int', 'Int64'],
  ['double', 'Float64'],
  ['boolean', 'Bool'],
  ['string', 'String'],
] as const;
const ROWS = [...EXTREME_ROWS, ...Array.from({ length: 2000 }, (_, i) => sampleRow(i + 1000))];
/** What `CREATE TABLE` says of a column, by its name and what is in the Avro field. */
const COLUMNS = LOG_SCORE_V1.fields.map(({ name, type }): string => {
  const avro = JSON.stringify(type);
  if (name === 'ts') return "ts DateTime64(6, 'UTC')";
  if (avro.includes('"map"')) return `${name} Map(String, String)`;
  const of = TYPES.find(([what]) => avro.includes(`"${what}"`))?.[1] ?? '';
  return `${name} ${avro.includes('"null"') ? `Nullable(${of})` : of}`;
});

/** Over HTTP, as whoever loads our files may do it. */
async function ask(dsn: string, query: string, body?: Buffer): Promise<string> {
  const { hostname, username, password, port } = new URL(dsn);
  const url = new URL(process.env['CH_HTTP_URL'] || `http://${hostname}:${port}`);
  url.searchParams.set('query', query);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${username || 'default'}:${password}`)}` },
    body: new Uint8Array(body ?? []),
  });
  const said = await answer.text();
  assert.equal(answer.status, 200, said);
  return said;
}

/** Node 20 has no zstandard. */
const HERE = CODECS.filter((codec) => codec !== 'zstandard' || 'zstdCompress' in zlib);

/** Files as the sink makes them, of every day that the rows have. */
async function made(t: TestContext, codec: CodecName): Promise<readonly Buffer[]> {
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store, codec, blockRows: 300 });
  await sink.write(sampleRange(ROWS), FIRST, new AbortController().signal);
  return [...store.objects.values()].map(({ bytes }) => bytes);
}

/** Makes a table of the files. */
type Load = (dsn: string, table: string, files: readonly Buffer[], t: TestContext) => Promise<void>;

const WAYS: Readonly<Record<string, Load>> = {
  'INSERT … FORMAT Avro': async (dsn, table, files) => {
    await ask(dsn, `CREATE TABLE ${table} (${COLUMNS.join(', ')}) ENGINE = Memory`);
    for (const bytes of files) await ask(dsn, `INSERT INTO ${table} FORMAT Avro`, bytes);
  },
  // Without being told what is in them.
  'file()': async (dsn, table, files, t) => {
    const folder = await tempFolder(t);
    for (const [i, bytes] of files.entries()) await writeFile(join(folder, `${i}.avro`), bytes);
    await ask(
      dsn,
      `CREATE TABLE ${table} ENGINE = Memory AS SELECT * FROM file('${folder}/*.avro', Avro)`,
    );
  },
};

for (const codec of HERE) {
  for (const [way, load] of Object.entries(WAYS)) {
    test(`ClickHouse’s ${way} reads files with codec ${codec} as they were, timestamps as such`, async (t) => {
      const dsn = needServer(t, 'clickhouse');
      if (!dsn) return;
      const table = uniqueName('files');
      t.after(() => ask(dsn, `DROP TABLE IF EXISTS ${table}`));
      await load(dsn, table, await made(t, codec), t);
      const found = await ask(
        dsn,
        `SELECT * REPLACE toUnixTimestamp64Micro(ts) AS ts FROM ${table} FORMAT JSONEachRow
           SETTINGS output_format_json_quote_64bit_integers = 0`,
      );
      const rows = found
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as SampleRow);
      assert.deepEqual(rowDifferences(ROWS, rows), []);
      const type = await ask(dsn, `SELECT any(toTypeName(ts)) FROM ${table} FORMAT TSVRaw`);
      assert.match(type, /^DateTime64\(6/);
    });
  }
}
