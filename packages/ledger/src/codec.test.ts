import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { bucketMessage } from './bucket-codec.ts';
import { Bucket } from './bucket.ts';
import { checkpointMessage, decodeEntry, fenceMessage } from './codec.ts';
import { checkpoint, checkpoints } from './testing/checkpoints.ts';

const WHERE = 'log_scores.ledger[0] offset 7';
const FENCE = { atMs: 1_763_000_000_000, host: 'capture-0' };

test('a checkpoint is read as it was written', () => {
  fc.assert(
    fc.property(checkpoints, (written) => {
      const { key, value } = checkpointMessage(written);
      assert.equal(key.toString(), 'checkpoint');
      const read = decodeEntry(key, value, WHERE);
      assert.deepEqual(read, { kind: 'checkpoint', checkpoint: structuredClone(written) });
    }),
  );
});

test('a fence is read as it was written', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), fc.string(), (uuid, atMs, host) => {
      const { key, value } = fenceMessage(uuid, { atMs, host });
      assert.deepEqual(decodeEntry(key, value, WHERE), { kind: 'fence', uuid });
    }),
  );
});

test('a checkpoint that was cut short, or goes on, is not read as another', () => {
  fc.assert(
    fc.property(checkpoints, fc.nat(), (written, at) => {
      const { key, value } = checkpointMessage(written);
      for (const damaged of [
        value.subarray(0, at % value.length),
        Buffer.concat([value, Buffer.alloc(1)]),
      ]) {
        assert.throws(() => decodeEntry(key, damaged, WHERE), { code: 'ledger-unknown' });
      }
    }),
  );
});

const { key: checkpointKey, value: checkpointValue } = checkpointMessage(checkpoint('uuid'));
const { key: fenceKey, value: fenceValue } = fenceMessage('uuid', FENCE);
const { key: bucketKey, value: bucketValue } = bucketMessage(new Bucket(17));
const newer = (value: Buffer): Buffer => Buffer.concat([Buffer.from([2]), value.subarray(1)]);

for (const [what, key, value, message] of [
  [
    'a checkpoint of a newer format',
    checkpointKey,
    newer(checkpointValue),
    /format is 2, known is 1/,
  ],
  ['a fence of a newer format', fenceKey, newer(fenceValue), /format is 2, known is 1/],
  ['a bucket of no number', Buffer.from('bucket:x'), bucketValue, /its key is "bucket:x"/],
  ['a bucket of a newer format', bucketKey, newer(bucketValue), /format is 2, known is 1/],
  ['a bucket that holds something else', bucketKey, fenceValue, /not Avro of that format/],
  [
    'a record of a key that is not known',
    Buffer.from('shard:0'),
    checkpointValue,
    /its key is "shard:0"/,
  ],
  ['a roster that holds something else', Buffer.from('sinks'), checkpointValue, /not Avro of that/],
  ['a record without key', null, checkpointValue, /its key is ""/],
  ['a checkpoint that was deleted', checkpointKey, null, /it has no value/],
  ['a fence that was deleted', fenceKey, null, /it has no value/],
  ['a checkpoint of no bytes', checkpointKey, Buffer.alloc(0), /it has no value/],
] as const) {
  test(`${what} stops the reader, which says where it is and what to do`, () => {
    assert.throws(
      () => decodeEntry(key, value, WHERE),
      (error: Error & { code: string; action: string; remedy: string }) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(WHERE));
        assert.equal(error.action, 'stop');
        assert.match(error.remedy, /newer release.*delete nothing/);
        return true;
      },
    );
  });
}
