import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { archiverFile, objectRows, tempFolder } from '@scoreline/files/testing';
import { rowDifferences, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { GcsStore } from './gcs-store.ts';
import { makeBucket, objectsOf } from './testing/emulator.ts';
import { gcsConfig } from './testing/gcs-config.ts';
import { testSink } from './testing/test-sink.ts';

const SIGNAL = new AbortController().signal;
const TOPIC = 'log_scores-v1/';
const BOUND = 6000;
const isLate = (id: number) => id % 50 > 46;
const ids = Array.from({ length: 8000 }, (_, i) => i + 1);

/** A bucket with objects as the archiver names them, the last of them in another year. */
async function ready(t: TestContext, endpoint: string) {
  const bucket = uniqueName('archive');
  await makeBucket(endpoint, bucket);
  const put = async (name: string, bytes: Buffer) => {
    const url = `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
    const response = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
    assert.equal(response.status, 200);
  };
  const names: string[] = [];
  for (const [at, from] of [1, 2001, 4001].entries()) {
    const some = ids.filter((id) => id >= from && id < from + 2000 && !isLate(id));
    const { name, year, bytes } = await archiverFile(some.map((id) => sampleRow(id)));
    names.push(`${at === 2 ? 2026 : year}/${name}`);
    await put(names.at(-1)!, bytes);
  }
  const foreign = ['2025/readme.avro', '2025/more/1-1.avro', 'other/1-1.avro', '1-1.avro'];
  for (const name of foreign) await put(name, Buffer.from('of somebody else'));
  const env = { gc_bucket: bucket, gc_api_endpoint: endpoint, spool_dir: await tempFolder(t) };
  return { bucket, names, env };
}

test('the archiver’s objects are found in the folders of years, and read whole', async (t) => {
  const endpoint = needServer(t, 'gcs');
  if (!endpoint) return;
  const { bucket, names } = await ready(t, endpoint);
  const { archive } = new GcsStore(gcsConfig(endpoint, bucket));
  assert.deepEqual((await archive.list(SIGNAL)).toSorted(), names.toSorted());
  const objects = await objectsOf(endpoint, bucket, '');
  const parts: Uint8Array[] = [];
  for await (const part of archive.read(names[0]!, SIGNAL)) parts.push(part);
  assert.deepEqual(Buffer.concat(parts), objects.get(names[0]!));
  const gone = async () => {
    for await (const _part of archive.read('2025/1-1.avro', SIGNAL))
      assert.fail('nothing is there');
  };
  await assert.rejects(gone, { action: 'stop' });
  const late = AbortSignal.abort(new Error('not ours any more'));
  await assert.rejects(archive.list(late), /not ours any more/);
});

test('what the archiver’s objects lack lands, and they stay', async (t) => {
  const endpoint = needServer(t, 'gcs');
  if (!endpoint) return;
  const { bucket, env } = await ready(t, endpoint);
  const before = await objectsOf(endpoint, bucket, '2');
  const sink = testSink(env);
  t.after(() => sink.stop());
  await sink.start(SIGNAL);
  assert.equal(await sink.heldUpTo?.(SIGNAL, TOPIC), BOUND);
  const range = sampleRange(ids.map((id) => sampleRow(id)));
  for (const replay of [false, true]) {
    await sink.write(range, { number: 1, replay, heldUpTo: BOUND }, SIGNAL);
    const rows = objectRows(await objectsOf(endpoint, bucket, TOPIC));
    const lacking = ids.filter((id) => id > BOUND || isLate(id));
    assert.deepEqual(
      rowDifferences(
        lacking.map((id) => sampleRow(id)),
        await rows,
      ),
      [],
    );
  }
  assert.deepEqual(await objectsOf(endpoint, bucket, '2'), before);
});
