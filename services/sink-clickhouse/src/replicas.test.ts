import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Host, Hosts } from './hosts.ts';
import { oneTable, quorumOf } from './replicas.ts';

const NAME = { database: 'ntp', table: 'log_scores' };
const ASKED = { acceptUnsynced: false };

test('more than half of the replicas, and never one, are a quorum', () => {
  const quorums = [2, 3, 4, 5].map((replicas) => quorumOf(replicas, { quorum: 'auto', ...ASKED }));
  assert.deepEqual(quorums, [2, 2, 3, 3]);
  assert.equal(quorumOf(3, { quorum: 3, ...ASKED }), 3);
  assert.throws(() => quorumOf(1, { quorum: 'auto', ...ASKED }), { code: 'quorum' });
  assert.throws(() => quorumOf(3, { quorum: 1, ...ASKED }), { code: 'quorum' });
  assert.throws(() => quorumOf(3, { quorum: 4, acceptUnsynced: true }), { code: 'quorum' });
  assert.equal(quorumOf(3, { quorum: 1, acceptUnsynced: true }), 1);
});

const facts = { path: '/p', name: 'r1', isReadonly: false, replicas: 2, active: 2 };
const found = (second: object, uuid = 'u') =>
  new Map([
    [{ address: 'http://a' }, { uuid: 'u', replica: facts }],
    [{ address: 'http://b' }, { uuid, replica: { ...facts, name: 'r2', ...second } }],
  ]);

test('replicas of one table are told from everything that looks like them', () => {
  assert.deepEqual(oneTable(NAME, 2, found({})), { path: '/p', replicas: 2 });
  for (const [other, says] of [
    [found({}, 'v'), /http:\/\/b has another table: UUID v at \/p/],
    [found({ path: '/q' }), /http:\/\/b has another table: UUID u at \/q/],
    [found({ name: 'r1' }), /http:\/\/a and http:\/\/b are the same replica, r1/],
    [found({ replicas: 3 }), /http:\/\/b knows 3 replicas, and ch_dsn names 2/],
  ] as const) {
    assert.throws(() => oneTable(NAME, 2, other), { code: 'table-mismatch', message: says });
  }
});

test('ranges that fail at one host together leave it once, and come round', () => {
  const [a, b] = [{ address: 'a' } as Host, { address: 'b' } as Host];
  const hosts = new Hosts([a, b]);
  for (let range = 0; range < 3; range++) hosts.leave(a);
  assert.equal(hosts.current, b);
  hosts.leave(b);
  assert.equal(hosts.current, a);
});
