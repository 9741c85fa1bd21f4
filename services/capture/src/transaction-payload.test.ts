import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { CompressionError, MAX_EVENT_BYTES, MAX_PAYLOAD_BYTES } from './compression.ts';
import { type PayloadFields, payloadBody, zstdFrame } from './testing/compressed.ts';
import { TransactionPayload } from './transaction-payload.ts';

const damaged =
  (message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof CompressionError &&
    error.code === 'binlog-damaged' &&
    message.test(error.message);

function event(size: number, fill = 1): Buffer {
  const bytes = Buffer.alloc(size, fill);
  bytes.writeUInt32LE(size, 9);
  return bytes;
}

const opened = (body: Buffer): TransactionPayload => new TransactionPayload(body, 0, body.length);

/** Everything that is in it. */
function eventsOf(body: Buffer): Buffer[] {
  const payload = opened(body);
  const found: Buffer[] = [];
  while (payload.next()) {
    found.push(Buffer.from(payload.event.subarray(payload.at, payload.stop)));
  }
  return found;
}

function compressed(content: Buffer, fields: PayloadFields = {}, blockBytes?: number): Buffer {
  return payloadBody(zstdFrame(content, blockBytes), {
    uncompressedBytes: content.length,
    ...fields,
  });
}

test('events come as they were, however the blocks cut them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 19, max: 400 }), fc.nat(255)), { maxLength: 20 }),
      fc.integer({ min: 1, max: 900 }),
      fc.nat(30),
      (sizes, blockBytes, before) => {
        const events = sizes.map(([size, fill]) => event(size, fill));
        const content = Buffer.concat(events);
        for (const body of [
          compressed(content, {}, blockBytes),
          payloadBody(content, { compression: 255 }),
        ]) {
          assert.deepEqual(eventsOf(body), events);
          const shifted = Buffer.concat([Buffer.alloc(before), body, Buffer.alloc(9)]);
          const payload = new TransactionPayload(shifted, before, before + body.length);
          let count = 0;
          while (payload.next()) count++;
          assert.equal(count, events.length);
          assert.equal(payload.end, content.length);
        }
      },
    ),
  );
});

test('fields that a later server adds are passed over', () => {
  const body = compressed(event(40));
  const added = Buffer.concat([Buffer.of(9, 3, 1, 2, 3), body]);
  assert.deepEqual(eventsOf(added), [event(40)]);
});

test('a payload that is not as long as it says, on either side of the compression, is damaged', () => {
  const content = Buffer.concat([event(300), event(200)]);
  for (const [fields, message] of [
    [{ payloadBytes: 1 }, /payload says 1 bytes/],
    [{ uncompressedBytes: 499 }, /says 499 bytes and holds more/],
    [{ uncompressedBytes: 501 }, /says 501 bytes and holds 500/],
    [{ compression: 1 }, /unknown kind 1/],
  ] as const) {
    assert.throws(() => eventsOf(compressed(content, fields, 50)), damaged(message));
  }
  assert.throws(() => eventsOf(payloadBody(zstdFrame(content), {})), damaged(/unknown kind/));
});

test('a payload that ends anywhere before its end is damaged', () => {
  const body = compressed(Buffer.concat([event(90), event(60)]), {}, 40);
  for (let end = 0; end < body.length; end++) {
    const payload = (): TransactionPayload => new TransactionPayload(body, 0, end);
    assert.throws(payload, damaged(/./));
  }
});

test('an event that is not whole is damaged', () => {
  const cut = event(90).subarray(0, 80);
  assert.throws(() => eventsOf(compressed(Buffer.concat([event(50), cut]))), damaged(/cut short/));
  assert.throws(() => eventsOf(compressed(event(50).subarray(0, 12))), damaged(/cut short/));
  const small = event(30);
  small.writeUInt32LE(18, 9);
  assert.throws(() => eventsOf(compressed(small)), damaged(/an event of 18 bytes/));
});

test('the end is where nothing is left', () => {
  const payload = opened(compressed(Buffer.concat([event(50), event(60)]), {}, 50));
  payload.next();
  assert.throws(() => payload.requireEnd(), damaged(/ends before it does/));
  payload.next();
  payload.requireEnd();
  assert.equal(payload.next(), false);
});

test('of an event that is too large to be held, its head comes, and then the next one', () => {
  const size = MAX_EVENT_BYTES + 1;
  const body = compressed(Buffer.concat([event(30), event(size), event(40)]));
  const payload = opened(body);
  payload.next();
  assert.equal(payload.whole, true);
  payload.next();
  assert.equal(payload.whole, false);
  assert.equal(payload.stop - payload.at, 27);
  assert.equal(payload.event.readUInt32LE(payload.at + 9), size);
  payload.next();
  assert.equal(payload.whole, true);
  assert.equal(payload.stop - payload.at, 40);
  assert.equal(payload.next(), false);
});

test('a payload above the limit is refused', () => {
  const body = payloadBody(Buffer.alloc(MAX_PAYLOAD_BYTES + 1), { uncompressedBytes: 1 });
  assert.throws(
    () => opened(body),
    (error: unknown) => error instanceof CompressionError && error.code === 'event-too-large',
  );
});
