import assert from 'node:assert/strict';
import { test } from 'node:test';
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

import { CODECS } from './codec.ts';
import { FIRST, MemoryStore, testObjectSink } from './testing/index.ts';

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

for (const codec of HERE) {
  test(`ClickHouse reads a file with codec ${codec} as it was`, async (t) => {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return;
    const store = new MemoryStore();
    const { sink } = await testObjectSink(t, { store, codec, blockRows: 300 });
    await sink.write(sampleRange(ROWS), FIRST, new AbortController().signal);
    const table = uniqueName('files');
    await ask(dsn, `CREATE TABLE ${table} (${COLUMNS.join(', ')}) ENGINE = Memory`);
    t.after(() => ask(dsn, `DROP TABLE ${table}`));
    for (const { bytes } of store.objects.values())
      await ask(dsn, `INSERT INTO ${table} FORMAT Avro`, bytes);
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
  });
}
