import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { parseDsn } from './dsn.ts';
import { hostsOf } from './hosts.ts';
import { insert } from './insert.ts';

async function answering(
  t: TestContext,
  headers: Record<string, string>,
  body: string,
  compress = 'none',
) {
  const requests: { url: URL; encoding: string | undefined; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        url: new URL(request.url ?? '', 'http://x'),
        encoding: request.headers['content-encoding'],
        body: Buffer.concat(chunks),
      });
      response.writeHead(200, headers).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hosts = hostsOf(parseDsn(`http://127.0.0.1:${port}/ntp?compress=${compress}`), {
    ch_insert_timeout: 10_000,
    ch_tls_ca: undefined,
  });
  t.after(async () => {
    await hosts.close();
    server.close();
  });
  return { client: hosts.current.client, requests };
}

const INSERT = {
  statement: 'INSERT INTO t FORMAT Avro',
  container: [Buffer.from('Obj'), Buffer.from('rows')],
  token: 'identity',
  queryId: 'identity.a1',
  settings: {},
};
const SIGNAL = new AbortController().signal;

test('an insert says its token, its query id, and what cuts it into blocks', async (t) => {
  const { client, requests } = await answering(t, {}, '');
  await insert(client, INSERT, SIGNAL);
  const [{ url, body } = assert.fail('no request')] = requests;
  assert.equal(body.toString(), 'Objrows');
  const said = url.searchParams;
  assert.equal(said.get('insert_deduplication_token'), 'identity');
  assert.equal(said.get('query_id'), 'identity.a1');
  assert.equal(said.get('async_insert'), '0');
  for (const setting of ['max_insert_block_size', 'min_insert_block_size_rows']) {
    assert.ok(Number(said.get(setting)) > 1_000_000, setting);
  }
});

test('a 200 with an exception in the body is no success', async (t) => {
  const { client } = await answering(t, {}, 'Code: 252. DB::Exception: Too many parts');
  await assert.rejects(insert(client, INSERT, SIGNAL), {
    code: 'clickhouse-exception-in-answer',
    action: 'retry',
  });
});

test('a 200 with an exception in its headers is no success', async (t) => {
  const { client } = await answering(t, { 'X-ClickHouse-Exception-Code': '252' }, '');
  await assert.rejects(insert(client, INSERT, SIGNAL));
});

test('nothing is sent for a partition that is gone', async (t) => {
  const { client, requests } = await answering(t, {}, '');
  await assert.rejects(insert(client, INSERT, AbortSignal.abort()), { name: 'AbortError' });
  assert.equal(requests.length, 0);
});

const PACKINGS: Record<string, { encoding: string | undefined; unpack: (body: Buffer) => Buffer }> =
  {
    gzip: { encoding: 'gzip', unpack: gunzipSync },
    br: { encoding: 'br', unpack: brotliDecompressSync },
    lz4: { encoding: undefined, unpack: (body) => body },
    none: { encoding: undefined, unpack: (body) => body },
  };

for (const [compress, { encoding, unpack }] of Object.entries(PACKINGS)) {
  test(`with compress=${compress} the rows travel as ${encoding ?? 'they are'}`, async (t) => {
    const { client, requests } = await answering(t, {}, '', compress);
    const container = [Buffer.from('Obj'), Buffer.alloc(100_000, 'rows ')];
    await insert(client, { ...INSERT, container }, SIGNAL);
    const [request = assert.fail('no request')] = requests;
    assert.equal(request.encoding, encoding);
    assert.deepEqual(unpack(request.body), Buffer.concat(container));
    if (encoding) assert.ok(request.body.length < 2000, String(request.body.length));
  });
}
