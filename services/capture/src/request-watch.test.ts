import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '@scoreline/service';
import kafkajs from 'kafkajs';

import { RequestWatch } from './request-watch.ts';

const MINUTE_MS = 60_000;
const ASKED_MS = 1_763_000_000_000;

test('a request from before the start is followed once, unless it was made long ago', () => {
  const last = { from: 1, to: 9, atMs: ASKED_MS, by: 'purge@host' };
  const options = {
    kafka: new kafkajs.Kafka({ brokers: ['127.0.0.1:1'] }),
    ledgerTopic: 'log_scores.ledger',
    readTo: 0,
    log: createLog('test', { log_level: 'silent' }),
  };
  const recent = new RequestWatch({ ...options, last }, ASKED_MS + 59 * MINUTE_MS);
  assert.deepEqual(recent.take(), last);
  assert.equal(recent.take(), null);
  const old = new RequestWatch({ ...options, last }, ASKED_MS + 61 * MINUTE_MS);
  assert.equal(old.take(), null);
  assert.equal(new RequestWatch({ ...options, last: null }, ASKED_MS).take(), null);
});
