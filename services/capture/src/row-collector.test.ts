import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Block } from '@scoreline/schema';
import fc from 'fast-check';

import { ChunkPool } from './chunk.ts';
import { RowCollector, type Rows } from './row-collector.ts';

function write(block: Block, id: number, bytes: number): void {
  block.reserve(bytes);
  block.bytes.fill(id & 0xff, block.byteLength, block.byteLength + bytes);
  block.push(block.byteLength + bytes, id, id % 10, id * 1000);
}

function add(collector: RowCollector, ids: readonly number[], bytes = 20): void {
  const block = collector.block();
  const before = block.byteLength;
  for (const id of ids) write(block, id, bytes);
  collector.added(ids.length, block.byteLength - before);
}

interface Row {
  readonly id: number;
  readonly time: number;
}

/** Every row with what it carries checked: bytes and arrays must still be each other's. */
function rowsOf({ chunks, rows, bytes }: Rows): Row[] {
  const found: Row[] = [];
  let size = 0;
  for (const { block, times } of chunks) {
    for (let row = 0; row < block.rows; row++) {
      const id = block.ids[row]!;
      const slice = block.bytes.subarray(block.start(row), block.ends[row]);
      assert.ok(slice.every((byte) => byte === (id & 0xff)));
      assert.equal(block.serverIds[row], id % 10);
      assert.equal(block.timestampsUs[row], id * 1000);
      size += slice.length;
      found.push({ id, time: times[row]! });
    }
  }
  assert.equal(rows, found.length);
  assert.equal(bytes, size);
  return found;
}

test('rows of a group may go out when it has ended, and not before', () => {
  const collector = new RowCollector(new ChunkPool(4));
  add(collector, [1, 2]);
  assert.deepEqual(rowsOf(collector.take()), []);
  collector.end(500);
  add(collector, [3]);
  assert.equal(collector.oldestTimeMs, 500);
  assert.deepEqual(rowsOf(collector.take()), [
    { id: 1, time: 500 },
    { id: 2, time: 500 },
  ]);
  assert.equal(collector.groupRows, 1);
  collector.end(600);
  assert.deepEqual(rowsOf(collector.take()), [{ id: 3, time: 600 }]);
});

const action = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    rows: fc.integer({ min: 1, max: 40 }),
    bytes: fc.constantFrom(30, 9_000, 70_000),
  }),
  fc.record({ do: fc.constant('cut' as const), keep: fc.nat(60) }),
  fc.record({ do: fc.constant('end' as const) }),
  fc.record({ do: fc.constant('take' as const) }),
);

test('whatever is added, cut, ended and taken, rows stay whole, in order and once', () => {
  let tails = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 15, maxLength: 60, size: 'max' }), (actions) => {
      const pool = new ChunkPool(4);
      const collector = new RowCollector(pool);
      const wanted: Row[] = [];
      const seen: Row[] = [];
      let group: number[] = [];
      let id = 1;
      let time = 1;
      for (const one of actions) {
        if (one.do === 'add') {
          const ids = Array.from({ length: one.rows }, () => id++);
          add(collector, ids, one.bytes);
          group.push(...ids);
        } else if (one.do === 'cut') {
          collector.cut(one.keep);
          group = group.slice(0, one.keep);
        } else if (one.do === 'end') {
          collector.end(++time);
          wanted.push(...group.map((row) => ({ id: row, time })));
          group = [];
        } else {
          if (group.length > 0 && collector.endedRows > 0) tails++;
          const taken = collector.take();
          seen.push(...rowsOf(taken));
          for (const chunk of taken.chunks) pool.give(chunk);
        }
        assert.equal(collector.groupRows, group.length);
        if (collector.groupRows === 0) assert.equal(collector.groupBytes, 0);
        assert.equal(seen.length + collector.endedRows, wanted.length);
      }
      seen.push(...rowsOf(collector.take()));
      assert.deepEqual(seen, wanted);
      collector.end(++time);
      assert.deepEqual(
        rowsOf(collector.take()).map((row) => row.id),
        group,
      );
    }),
    { numRuns: 150 },
  );
  assert.ok(tails > 20, `only ${tails} times was there a group behind what was taken`);
});

test('a chunk that grew for large rows is not kept', () => {
  const pool = new ChunkPool(4);
  const large = pool.take();
  write(large.block, 1, 5_000_000);
  pool.give(large);
  assert.notEqual(pool.take(), large);
  const small = pool.take();
  pool.give(small);
  assert.equal(pool.take(), small);
});
