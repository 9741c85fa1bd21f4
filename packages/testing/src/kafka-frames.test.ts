import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaFrames, parseRequest, responseFrame } from './kafka-frames.ts';

test('messages are whole, wherever the chunks are cut', () => {
  const messages = [0, 1, 40].map((bytes) => responseFrame(bytes, Buffer.alloc(bytes, bytes)));
  const stream = Buffer.concat(messages);
  for (let size = 1; size <= stream.length; size++) {
    const frames = new KafkaFrames();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      found.push(...frames.take(stream.subarray(at, at + size)));
    }
    assert.deepEqual(found, messages, `chunks of ${size} bytes`);
  }
});

test('a request says which it is, with or without the name of its client', () => {
  for (const client of [Buffer.from('\xff\xff', 'latin1'), Buffer.from('\0\x03abc', 'latin1')]) {
    const head = Buffer.from([0, 0, 0, 0, 0, 26, 0, 1, 0, 0, 1, 2]);
    const request = parseRequest(Buffer.concat([head, client, Buffer.from('body')]));
    assert.equal(request.apiKey, 26);
    assert.equal(request.correlationId, 258);
    assert.equal(request.body.toString(), 'body');
  }
});
