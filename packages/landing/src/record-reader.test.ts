import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BATCH_HEADER_BYTES, crc32c, RecordBatch } from '@scoreline/kafka';
import { VERSION_1, wireHeader } from '@scoreline/schema';
import { PoisonError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { RangeBuilder } from './range-builder.ts';
import { RangeCut } from './range-cut.ts';
import { RecordReader } from './record-reader.ts';
import { encodeRow, sampleRow } from './testing/index.ts';

const HEADER = wireHeader(7);
const GARBAGE = Buffer.from('garbage');

/** Records as a fetch brings them, from offset 100 on. */
function fetched(values: readonly Buffer[], count = values.length): RawRecordBatch {
  const batch = new RecordBatch(0, 100_000);
  for (const value of values) {
    assert.ok(batch.append(Buffer.from('1'), HEADER, value, 0, value.length, 1_000));
  }
  const whole = batch.recordBatch({
    transactional: true,
    producerId: 1,
    producerEpoch: 0,
    firstSequence: 0,
  });
  const bytes = Buffer.from(whole.subarray(BATCH_HEADER_BYTES));
  const raw = {
    firstOffset: '100',
    offset: String(99 + values.length),
    count,
    bytes,
    crcBytes: bytes,
    crc: crc32c(bytes),
    attributes: 0,
    timestamp: '1000',
  };
  return raw as unknown as RawRecordBatch;
}

function reading(raw: RawRecordBatch, start = 100) {
  const cut = new RangeCut({ start, end: null, rows: 100, bytes: 1e6, where: 't[0]' });
  const builder = new RangeBuilder(10_000);
  const reader = new RecordReader('t', 0, VERSION_1);
  reader.open(raw);
  return { cut, builder, read: () => reader.readInto(cut, builder) };
}

const row = (id: number) => encodeRow(sampleRow(id));

test('a malformed record is named, the range ends before it, and reading goes on behind it', () => {
  const { cut, builder, read } = reading(fetched([row(1), row(2), GARBAGE, row(4)]));
  assert.throws(read, (error) => {
    assert.ok(error instanceof PoisonError);
    assert.deepEqual([error.code, error.offset], ['record-malformed', 102n]);
    return true;
  });
  assert.deepEqual([cut.first, cut.last, cut.rows, builder.rows], [100, 101, 2, 2]);
  assert.equal(builder.oldestMs, 1000, 'what was taken before it is told like any other');
  assert.equal(read(), true);
  assert.deepEqual([cut.last, cut.rows, builder.rows], [103, 3, 3]);
});

test('a malformed record below the committed offset was dealt with: the batch is fetched again, it is not', () => {
  const { cut, read } = reading(fetched([row(1), GARBAGE, row(3)]), 102);
  assert.equal(read(), true);
  assert.deepEqual([cut.first, cut.last], [102, 102]);
});

test('a batch whose framing is wrong has no offset to go on behind', () => {
  const { read } = reading(fetched([row(1), row(2)], 3));
  assert.throws(read, (error) => {
    assert.ok(error instanceof PoisonError);
    assert.deepEqual([error.code, error.offset], ['record-malformed', undefined]);
    return true;
  });
});
