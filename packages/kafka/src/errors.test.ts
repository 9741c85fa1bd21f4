import assert from 'node:assert/strict';
import { test } from 'node:test';

import kafkajs from 'kafkajs';

import { isCoordinatorMoving, isFenced, isStaleMember, kafkaErrorType } from './errors.ts';
import { protocolError } from './testing/kafka.ts';

const { KafkaJSNumberOfRetriesExceeded } = kafkajs;

test("the broker's error is found however deep it was wrapped", () => {
  const error = protocolError('OUT_OF_ORDER_SEQUENCE_NUMBER');
  const retried = new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 1, retryTime: 2 });
  const ours = new Error('sending', { cause: retried });
  for (const one of [error, retried, ours]) {
    assert.equal(kafkaErrorType(one), 'OUT_OF_ORDER_SEQUENCE_NUMBER');
  }
});

test('an error that is not of the broker has no type, whatever it is caused by', () => {
  const circular = new Error('circular');
  circular.cause = circular;
  for (const one of [circular, new Error('x', { cause: 'text' }), null, 'text', 7]) {
    assert.equal(kafkaErrorType(one), undefined);
  }
});

test('errors are told apart by what they ask for', () => {
  const kinds = (type: string): boolean[] => {
    const error = protocolError(type);
    return [isFenced(error), isStaleMember(error), isCoordinatorMoving(error)];
  };
  assert.deepEqual(kinds('INVALID_PRODUCER_EPOCH'), [true, false, false]);
  assert.deepEqual(kinds('ILLEGAL_GENERATION'), [false, true, false]);
  assert.deepEqual(kinds('NOT_COORDINATOR_FOR_GROUP'), [false, false, true]);
  assert.deepEqual(kinds('MESSAGE_TOO_LARGE'), [false, false, false]);
});
