import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gtidTracker } from './gtid-tracker.ts';

function mariadb(domain: number, seqNo: bigint): Buffer {
  const body = Buffer.alloc(19);
  body.writeBigUInt64LE(seqNo, 0);
  body.writeUInt32LE(domain, 8);
  return body;
}

function mysql(uuid: number, gno: number): Buffer {
  const body = Buffer.alloc(42);
  body.fill(uuid, 1, 17);
  body.writeBigUInt64LE(BigInt(gno), 17);
  return body;
}

const A = '11111111-1111-1111-1111-111111111111';
const B = '22222222-2222-2222-2222-222222222222';

test('MariaDB: the last group of each domain, and none that has not ended', () => {
  const gtids = gtidTracker('mariadb', '0-1-5,7-3-9');
  gtids.announce(mariadb(0, 6n), 0, 1);
  assert.equal(gtids.toString(), '0-1-5,7-3-9');
  gtids.fold();
  gtids.announce(mariadb(2, 1n), 0, 4);
  gtids.fold();
  gtids.announce(mariadb(0, 2n ** 60n), 0, 8);
  assert.equal(gtids.toString(), '0-1-6,2-4-1,7-3-9');
  gtids.fold();
  gtids.fold();
  assert.equal(gtids.toString(), `0-8-${2n ** 60n},2-4-1,7-3-9`);
});

test('MySQL: intervals of each server, also those that come in another order', () => {
  const gtids = gtidTracker('mysql', `${A}:1-5`);
  for (const gno of [6, 7, 9, 8]) {
    gtids.announce(mysql(0x11, gno), 0, 1);
    gtids.fold();
  }
  gtids.announce(mysql(0x22, 3), 0, 1);
  assert.equal(gtids.toString(), `${A}:1-9`);
  gtids.fold();
  gtids.announce(mysql(0x11, 11), 0, 1);
  gtids.fold();
  assert.equal(gtids.toString(), `${A}:1-9:11,${B}:3`);
});

test('MySQL: a tagged GTID, as another parser reads it', () => {
  const gtids = gtidTracker('mysql', '');
  gtids.announceText(`${A}:tag:4`);
  assert.equal(gtids.toString(), '');
  gtids.fold();
  assert.equal(gtids.toString(), `${A}:tag:4`);
});

test('the beginning of a file says what was before it', () => {
  const gtids = gtidTracker('mysql', '');
  gtids.seed(`${A}:1-100`);
  gtids.announce(mysql(0x11, 101), 0, 1);
  gtids.fold();
  assert.equal(gtids.toString(), `${A}:1-101`);
  const other = gtidTracker('mariadb', '');
  other.seed('0-1-41');
  assert.equal(other.toString(), '0-1-41');
});

test('a transaction without a GTID changes nothing', () => {
  const gtids = gtidTracker('mysql', '');
  gtids.fold();
  assert.equal(gtids.toString(), '');
});
