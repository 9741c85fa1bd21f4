import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import avsc from 'avsc';
import fc from 'fast-check';

import { containerBlock, containerHeader, readContainerHeader, SYNC_BYTES } from './container.ts';
import { LOG_SCORE_V1_JSON } from './log-score.ts';
import { type LogScore, logScoreType } from './testing/log-score.ts';

const SYNC = Buffer.from(Array.from({ length: SYNC_BYTES }, (_, index) => index * 7));

function score(id: number): object {
  const fields = { id, server_id: id % 7, monitor_id: null, ts: 1, score: 1 / id, step: 0 };
  const rest = ['offset', 'rtt', 'leap', 'stratum', 'no_response', 'error', 'warning'];
  const nulls = [...rest, 'from_ls_id', 'from_ss_id', 'attributes'].map((name) => [name, null]);
  return { ...fields, ...Object.fromEntries(nulls), extra: {} };
}

async function readBack(container: Buffer): Promise<{ rows: LogScore[]; header: object }> {
  const decoder = new avsc.streams.BlockDecoder();
  const rows: LogScore[] = [];
  let header = {};
  decoder.on('metadata', (_type: unknown, _codec: string, read: object) => (header = read));
  decoder.on('data', (row: LogScore) => rows.push({ ...row }));
  decoder.end(container);
  await once(decoder, 'end');
  return { rows, header };
}

test('avsc reads a container of many blocks back, row by row', async () => {
  const scores = Array.from({ length: 1000 }, (_, index) => score(index + 1));
  const parts = [containerHeader(LOG_SCORE_V1_JSON, SYNC)];
  for (let from = 0; from < scores.length; from += 300) {
    const block = scores.slice(from, from + 300);
    const datums = Buffer.concat(block.map((row) => logScoreType.toBuffer(row)));
    parts.push(...containerBlock(block.length, datums, SYNC));
  }
  const { rows, header } = await readBack(Buffer.concat(parts));
  assert.deepEqual(rows, scores);
  const { meta, sync } = header as { meta: Record<string, Buffer>; sync: Buffer };
  assert.deepEqual(sync, SYNC);
  assert.equal(meta['avro.codec']?.toString(), 'null');
  assert.equal(meta['avro.schema']?.toString(), LOG_SCORE_V1_JSON);
});

test('a header has a codec and further entries, and avsc and we read them alike', async () => {
  const metadata = { 'scoreline.rows': '1', 'scoreline.day': 'ü' };
  const header = containerHeader(LOG_SCORE_V1_JSON, SYNC, { codec: 'deflate', metadata });
  const block = containerBlock(1, deflateRawSync(logScoreType.toBuffer(score(1))), SYNC);
  const read = await readBack(Buffer.concat([header, ...block]));
  assert.deepEqual(read.rows, [score(1)]);
  const { meta } = read.header as { meta: Record<string, Buffer> };
  const expected = { 'avro.schema': LOG_SCORE_V1_JSON, 'avro.codec': 'deflate', ...metadata };
  const asText = Object.entries(meta).map(([key, value]) => [key, value.toString()]);
  assert.deepEqual(Object.fromEntries(asText), expected);
  assert.deepEqual(readContainerHeader(Buffer.concat([header, ...block])), expected);
});

test('entries in blocks that tell their size are read too', () => {
  const header = containerHeader('"null"', SYNC);
  // -2 entries of 32 bytes, instead of 2.
  const sized = Buffer.concat([
    header.subarray(0, 4),
    Buffer.from([0x03, 0x40]),
    header.subarray(5),
  ]);
  assert.deepEqual(readContainerHeader(sized), readContainerHeader(header));
});

test('what is cut off, or no container, is no header', () => {
  const header = containerHeader(LOG_SCORE_V1_JSON, SYNC);
  for (let length = 0; length < header.length; length++)
    assert.equal(readContainerHeader(header.subarray(0, length)), null);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      // It ends, whatever the bytes are.
      readContainerHeader(Buffer.concat([Buffer.from('Obj\x01', 'latin1'), bytes]));
    }),
  );
});

test('the datums of a block are not copied', () => {
  const datums = logScoreType.toBuffer(score(1));
  assert.equal(containerBlock(1, datums, SYNC)[1], datums);
});

test('a sync marker of another size is refused', () => {
  assert.throws(() => containerHeader(LOG_SCORE_V1_JSON, Buffer.alloc(15)), RangeError);
  assert.throws(() => containerBlock(1, Buffer.alloc(1), Buffer.alloc(17)), RangeError);
});
