import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { type AvroFiles, readAvroSide } from './avro-side.ts';
import { folderFiles } from './folder-files.ts';
import { container, range } from './testing/container.ts';

async function folder(t: TestContext, files: Readonly<Record<string, Buffer>>): Promise<AvroFiles> {
  const dir = await mkdtemp(join(tmpdir(), 'avro-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), bytes);
  }
  return folderFiles(dir);
}

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
