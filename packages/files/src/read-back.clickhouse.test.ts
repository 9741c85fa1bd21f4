import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { CODECS } from './codec.ts';
import { FIRST, MemoryStore, testObjectSink } from './testing/index.ts';

const ROWS = Array.from({ length: 2000 }, (_, i) => sampleRow(i + 1));

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
    const [object] = store.objects.values();
    const table = uniqueName('files');
    await ask(
      dsn,
      `CREATE TABLE ${table} (id Int64, monitor_id Nullable(Int64), ts DateTime64(6, 'UTC'),
         score Float64, offset Nullable(Float64), warning Nullable(String)) ENGINE = Memory`,
    );
    t.after(() => ask(dsn, `DROP TABLE ${table}`));
    await ask(dsn, `INSERT INTO ${table} FORMAT Avro`, object?.bytes);
    const found = await ask(
      dsn,
      `SELECT toFloat64(id), toFloat64(monitor_id), toFloat64(toUnixTimestamp64Micro(ts)), score, offset,
         warning FROM ${table} ORDER BY id FORMAT JSONCompactEachRow`,
    );
    assert.deepEqual(
      found
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
      ROWS.map(({ id, monitor_id, ts, score, offset, warning }) => [
        id,
        monitor_id,
        ts,
        score,
        offset,
        warning,
      ]),
    );
  });
}
