import assert from 'node:assert/strict';
import { test } from 'node:test';

import { auditsMessage, type SinkAudits } from './audit.ts';
import { bucketMessage } from './bucket-codec.ts';
import { Bucket } from './bucket.ts';
import { decodeEntry, isCaptures } from './codec.ts';
import { type ReconcileRequest, reconcileRequestMessage } from './reconcile-request.ts';
import { type Roster, rosterMessage } from './roster.ts';
import { decodeLedger } from './state.ts';

const ROSTER: Roster = [
  {
    name: 'clickhouse',
    state: 'active',
    dest: 'table 4711',
    changes: [
      { state: 'testing', atMs: 1, by: 'ask@host', why: 'on trial' },
      { state: 'active', atMs: 2, by: 'ask@host', why: 'a month without a difference' },
    ],
  },
  { name: 'file', state: 'testing', dest: null, changes: [] },
];
const AUDITS: SinkAudits = {
  sink: 'file',
  audits: [
    { from: 7, counts: [65_536, 3], dest: 'folder', since: { 'log_scores-v1': [5, -1] }, atMs: 3 },
  ],
};
const REQUEST: ReconcileRequest = { from: 1, to: 2 ** 52, atMs: 4, by: 'purge@host' };

const MESSAGES = [rosterMessage(ROSTER), auditsMessage(AUDITS), reconcileRequestMessage(REQUEST)];

test('what others than capture write comes back as it was, beside what capture writes', () => {
  const messages = [...MESSAGES, bucketMessage(new Bucket(3))];
  const found = decodeLedger(messages.map((message) => ({ ...message, where: 'here' })));
  assert.deepEqual(found.roster, ROSTER);
  assert.deepEqual(found.audits, new Map([['file', AUDITS.audits]]));
  assert.deepEqual(found.request, REQUEST);
  assert.deepEqual(
    messages.map(({ key }) => isCaptures(key.toString())),
    [false, false, false, true],
  );
});

test('a ledger without them has no sinks, audits or requests', () => {
  const { roster, audits, request } = decodeLedger([]);
  assert.deepEqual({ roster, audits, request }, { roster: [], audits: new Map(), request: null });
});

test('a record under another’s key, cut short or without a value is not understood', () => {
  const [{ key, value }] = [auditsMessage(AUDITS)];
  assert.throws(() => decodeEntry(Buffer.from('audit:gcs'), value, 'here'), /it is of file/);
  for (const message of MESSAGES) {
    const short = message.value.subarray(0, -1);
    assert.throws(() => decodeEntry(message.key, short, 'here'), { code: 'ledger-unknown' });
    assert.throws(() => decodeEntry(message.key, null, 'here'), { code: 'ledger-unknown' });
  }
  assert.ok(decodeEntry(key, value, 'here'));
});
