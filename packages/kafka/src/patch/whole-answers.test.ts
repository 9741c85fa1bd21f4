import assert from 'node:assert/strict';
import { test } from 'node:test';

import { internal } from '../testing/kafka.ts';

interface Answer {
  readonly correlationId: number;
  readonly payload: Buffer;
}
interface Connection {
  requestQueue: { fulfillRequest(answer: Answer): void };
  processData(data: Buffer): void;
}
const Connection = internal('network/connection') as new (options: object) => Connection;

const logger = { namespace: () => logger, debug() {}, error() {}, info() {}, warn() {} };

function answer(correlationId: number, bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes, correlationId);
  frame.writeInt32BE(4 + bytes);
  frame.writeInt32BE(correlationId, 4);
  return frame;
}

function listening(): { readonly connection: Connection; readonly answers: Answer[] } {
  const connection = new Connection({ host: 'localhost', port: 1, logger, socketFactory: null });
  const answers: Answer[] = [];
  connection.requestQueue = { fulfillRequest: (one) => answers.push(one) };
  return { connection, answers };
}

test('answers that come whole are read where they are', () => {
  const { connection, answers } = listening();
  const frames = [answer(1, 100), answer(2, 0), answer(3, 100_000)];
  for (const frame of frames) connection.processData(frame);
  assert.deepEqual(
    answers.map(({ correlationId }) => correlationId),
    [1, 2, 3],
  );
  answers.forEach(({ payload }, i) => {
    const frame = frames[i]!;
    assert.ok(payload.equals(frame.subarray(8)));
    assert.equal(payload.buffer, frame.buffer, `answer ${i + 1} was copied`);
  });
});

test('answers that come in pieces are read all the same', () => {
  const { connection, answers } = listening();
  const sent = Buffer.concat([answer(1, 10), answer(2, 30), answer(3, 1)]);
  for (let at = 0; at < sent.length; at += 7) connection.processData(sent.subarray(at, at + 7));
  assert.deepEqual(
    answers.map(({ correlationId, payload }) => [correlationId, payload.length]),
    [
      [1, 10],
      [2, 30],
      [3, 1],
    ],
  );
});
