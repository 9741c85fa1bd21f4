import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { assertIdentical, avroId, IdSet, jsonId } from './identity.ts';

test('ids are counted, told apart and summed, however large', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40_000_000 }), { maxLength: 50 }), (ids) => {
      const set = new IdSet();
      for (const id of ids) set.add(id);
      assert.deepEqual(set.identity, {
        count: ids.length,
        distinct: new Set(ids).size,
        sum: ids.reduce((sum, id) => sum + id, 0),
      });
    }),
  );
  assert.throws(() => new IdSet().add(-1), /not an id/);
  assert.throws(() => new IdSet().add(Number.NaN), /not an id/);
});

test('a lost, a doubled and a foreign row are each noticed', () => {
  const source = { count: 3, distinct: 3, sum: 6 };
  assertIdentical('topic t', { ...source }, source);
  for (const seen of [
    { count: 2, distinct: 2, sum: 3 },
    { count: 4, distinct: 3, sum: 9 },
    { count: 3, distinct: 2, sum: 6 },
    { count: 3, distinct: 3, sum: 7 },
  ]) {
    assert.throws(() => assertIdentical('topic t', seen, source), /topic t holds/);
  }
});

test('the id of an Avro record is read behind the schema id', () => {
  for (const [id, bytes] of [
    [0, [0]],
    [1, [2]],
    [64, [0x80, 1]],
    [5_000_000_000, [0x80, 0xc8, 0xaf, 0xa0, 0x25]],
  ] as const) {
    assert.equal(avroId(Buffer.from([0, 0, 0, 0, 7, ...bytes, 0xff])), id);
  }
  assert.throws(() => avroId(Buffer.from([0, 0, 0, 0, 7, 0x80])), /ends within/);
});

test('the id of a JSON record is its own, not a transaction’s or a server’s', () => {
  assert.equal(jsonId(Buffer.from('{"id":17,"server_id":3}')), 17);
  assert.equal(
    jsonId(Buffer.from('{"xid":9,"data":{"server_id":3,"id":123456789012}}')),
    123456789012,
  );
  assert.throws(() => jsonId(Buffer.from('{"xid":9}')), /without an id/);
});
