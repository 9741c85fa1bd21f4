import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import avro from 'avsc';

import { type AvroFiles, readAvroSide } from './avro-side.ts';
import { folderFiles } from './folder-files.ts';

/** Fields in another order than the topic's: it is the file's header that counts. */
const SCHEMA: avro.Schema = {
  type: 'record',
  name: 'LogScore',
  fields: [
    { name: 'extra', type: { type: 'map', values: 'string' } },
    { name: 'id', type: 'long' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'server_id', type: 'long' },
    { name: 'monitor_id', type: ['null', 'long'] },
    { name: 'score', type: 'double' },
    { name: 'step', type: 'double' },
    { name: 'offset', type: ['null', 'double'] },
    { name: 'rtt', type: ['null', 'int'] },
    { name: 'leap', type: ['null', 'int'] },
    { name: 'stratum', type: ['null', 'int'] },
    { name: 'no_response', type: ['null', 'boolean'] },
    { name: 'error', type: ['null', 'string'] },
    { name: 'warning', type: ['null', 'string'] },
    { name: 'from_ls_id', type: ['null', 'long'] },
    { name: 'from_ss_id', type: ['null', 'long'] },
    { name: 'attributes', type: ['null', 'string'] },
  ],
};

function datum(id: number): object {
  return {
    id,
    ts: 1_790_000_000_000_000 + id,
    server_id: 7,
    monitor_id: null,
    score: -0,
    step: 1,
    offset: 0.1,
    rtt: -1,
    leap: 1,
    stratum: null,
    no_response: null,
    error: null,
    warning: null,
    from_ls_id: null,
    from_ss_id: null,
    attributes: null,
    extra: { mood: 'good' },
  };
}

async function container(ids: readonly number[]): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(SCHEMA, { codec: 'deflate', blockSize: 256 });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const id of ids) encoder.write(datum(id));
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(chunks);
}

async function folder(t: TestContext, files: Readonly<Record<string, Buffer>>): Promise<AvroFiles> {
  const dir = await mkdtemp(join(tmpdir(), 'avro-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), bytes);
  }
  return folderFiles(dir);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

test('every row of every file below the folder is read, with its place', async (t) => {
  const files = await folder(t, {
    'topic/dt=2026-01-31/a.avro': await container(range(1, 40)),
    'topic/dt=2026-02-01/b.avro': await container(range(40, 60)),
    'topic/_manifest.jsonl': Buffer.from('{}\n'),
    '.scoreline/work/half.avro': Buffer.from('not whole yet'),
  });
  const side = await readAvroSide('files', files);
  assert.equal(side.rows.length, 59);
  const [found] = await side.find(new Set([41]));
  assert.equal(found?.where, 'topic/dt=2026-02-01/b.avro');
  assert.match(
    found?.text ?? '',
    /^id=41 server_id=7 monitor_id=null ts=1790000000000041 score=-0 step=1 offset=0.1 rtt=-1 leap=1 .*attributes="{\\"leap\\":1}" extra=\[\["mood","good"\]\]$/,
  );
});

test('a row that is in two files is there twice', async (t) => {
  const bytes = await container([5]);
  const side = await readAvroSide('files', await folder(t, { 'a.avro': bytes, 'b.avro': bytes }));
  assert.equal(side.rows.length, 2);
});

for (const [what, damage] of Object.entries<(bytes: Buffer) => Buffer>({
  'is no Avro': () => Buffer.from('no Avro at all, whatever it is called'),
  'is cut off in its header': (bytes) => bytes.subarray(0, 100),
  'is empty': () => Buffer.alloc(0),
})) {
  test(`a file that ${what} is named, and not passed over`, async (t) => {
    const bytes = damage(await container(range(1, 40)));
    const files = await folder(t, { 'day/a.avro': bytes });
    await assert.rejects(readAvroSide('files', files), /day\/a\.avro does not decode/);
  });
}

test('of a file that is cut off the rows behind the cut are missing', async (t) => {
  const bytes = await container(range(1, 40));
  const side = await readAvroSide('files', await folder(t, { 'a.avro': bytes.subarray(0, -1) }));
  assert.ok(side.rows.length > 0 && side.rows.length < 39, `${side.rows.length} rows`);
});
