import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crc32c } from '@scoreline/kafka';
import { LOG_SCORE_V1_JSON } from '@scoreline/schema';
import avsc from 'avsc';
import fc from 'fast-check';

import { RangeBuilder, viewOf } from './range-builder.ts';
import { decodeRow, encodeRow, sampleRange, sampleRow } from './testing/index.ts';

const ROWS = Array.from({ length: 500 }, (_, i) => sampleRow(1000 + i));

async function decoded(container: readonly Buffer[]): Promise<unknown[]> {
  const decoder = new avsc.streams.BlockDecoder();
  const rows: unknown[] = [];
  decoder.on('data', (row: object) => rows.push({ ...row }));
  const ended = new Promise((resolve, reject) => decoder.on('end', resolve).on('error', reject));
  decoder.end(Buffer.concat(container));
  await ended;
  return rows;
}

test('an Avro library reads from the container what went in', async () => {
  const range = sampleRange(ROWS);
  assert.deepEqual(await decoded(range.container()), ROWS);
  assert.deepEqual(
    ROWS.map((_, i) => decodeRow(range.datum(i))),
    ROWS,
  );
});

test('a container of some rows holds these, in order', async () => {
  const range = sampleRange(ROWS);
  assert.deepEqual(await decoded(range.containerOf(Uint32Array.of(0, 7, 499))), [
    ROWS[0],
    ROWS[7],
    ROWS[499],
  ]);
});

test('a range is named after ledger, topic, partition, offsets and content', () => {
  const range = sampleRange(ROWS, { first: 40n, partition: 3 });
  const crc = crc32c(Buffer.concat(ROWS.map((row) => encodeRow(row))));
  assert.equal(range.crc, crc);
  assert.equal(
    range.identity,
    `9b2cf1e0-0000-4000-8000-000000000000.log_scores-v1.3.40-539.${crc.toString(16).padStart(8, '0')}`,
  );
  const other = sampleRange([...ROWS.slice(0, -1), sampleRow(1499, { score: 0 })], { first: 40n });
  assert.notEqual(other.identity.split('.').at(-1), range.identity.split('.').at(-1));
});

test('ids and times are kept per row, and their extremes', () => {
  const range = sampleRange([sampleRow(5), sampleRow(3), sampleRow(9)]);
  assert.deepEqual([...range.ids], [5, 3, 9]);
  assert.deepEqual([range.minId, range.maxId], [3, 9]);
  assert.deepEqual([range.minTs, range.maxTs], [sampleRow(3).ts, sampleRow(9).ts]);
});

test('any bytes are copied as they are, from any place, also when everything must grow', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(pieces, fc.nat(9), (parts, shift) => {
      const source = Buffer.concat([Buffer.alloc(shift), ...parts]);
      const builder = new RangeBuilder(10);
      let at = shift;
      for (const [id, part] of parts.entries()) {
        builder.append(viewOf(source), at, at + part.length, id, id);
        at += part.length;
      }
      const range = builder.finish({
        ledgerUuid: 'u',
        topic: 't',
        partition: 0,
        first: 0n,
        last: 1n,
        schema: LOG_SCORE_V1_JSON,
      });
      for (const [i, part] of parts.entries()) assert.deepEqual(range.datum(i), Buffer.from(part));
    }),
  );
});

test('a cleared builder begins anew', () => {
  const builder = new RangeBuilder(100);
  const datum = encodeRow(sampleRow(1));
  builder.append(viewOf(datum), 0, datum.length, 1, 1);
  builder.oldestMs = 5;
  builder.clear();
  assert.deepEqual([builder.rows, builder.byteLength], [0, 0]);
  assert.equal(builder.oldestMs, Number.POSITIVE_INFINITY);
});

test('chunks are the range, record for record, in pieces of bounded size', async () => {
  const large = Array.from({ length: 9000 }, (_, i) => ({
    ...sampleRow(i),
    attributes: i === 4000 ? 'x'.repeat(3_000_000) : 'y'.repeat(i % 300),
  }));
  const range = sampleRange(large);
  let row = 0;
  for await (const { rows, datums, ends, ids, timestampsUs } of range.chunks()) {
    assert.ok(rows === 1 || datums.length <= 1_000_000);
    assert.equal(ends.at(-1), datums.length);
    for (let i = 0; i < rows; i++, row++) {
      assert.deepEqual(datums.subarray(i === 0 ? 0 : ends[i - 1], ends[i]), range.datum(row));
      assert.equal(ids[i], range.ids[row]);
      assert.equal(timestampsUs[i], range.timestampsUs[row]);
    }
  }
  assert.equal(row, range.rows);
});
