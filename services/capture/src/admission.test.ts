import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CapturedIds } from '@scoreline/ledger';

import { Admission } from './admission.ts';
import { Chunk } from './chunk.ts';
import { parseExclude } from './exclude.ts';
import { RowFilter } from './row-filter.ts';
import { datumOf, writeRow } from './testing/encoded-rows.ts';

const NOTHING_KNOWN = { isAccepted: () => false, isSame: () => Promise.resolve(false) };

function chunkOf(ids: readonly number[]): Chunk {
  const chunk = new Chunk();
  for (const id of ids) writeRow(chunk.block, { id, monitor_id: id % 10 });
  chunk.stamp(0, 1);
  return chunk;
}

function idsOf(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap(({ block }) => [...block.ids.subarray(0, block.rows)]);
}

const SEVENS = new RowFilter(parseExclude('monitor_id=/^7$/, id=/^8$/'));

test('without rules every row goes out, and its id is taken', async () => {
  const captured = new CapturedIds();
  const chunks = [chunkOf([7, 8, 9]), chunkOf([17])];
  const admission = new Admission({ captured, filter: null, known: NOTHING_KNOWN });
  const admitted = await admission.admit(chunks);
  assert.deepEqual(admitted, { excluded: new Map(), known: 0, reused: null });
  assert.deepEqual(idsOf(chunks), [7, 8, 9, 17]);
  assert.equal(captured.count, 4);
});

test('rows that match a rule are cut out, counted by column, and their ids are excluded', async () => {
  const captured = new CapturedIds();
  const chunks = [chunkOf([7, 8, 9]), chunkOf([17, 27]), chunkOf([30])];
  const admission = new Admission({ captured, filter: SEVENS, known: NOTHING_KNOWN });
  const { excluded } = await admission.admit(chunks);
  assert.deepEqual(
    [...excluded],
    [
      ['monitor_id', 3],
      ['id', 1],
    ],
  );
  assert.deepEqual(idsOf(chunks), [9, 30]);
  assert.equal(captured.count, 2);
  assert.equal(captured.excluded, 4);
  const [bucket] = captured.changed;
  assert.deepEqual([...bucket!.excluded], [7, 8, 17, 27]);
});

test('an id that is known is a doubt, whether its rows are excluded, now or then, or not', async () => {
  for (const filter of [null, SEVENS]) {
    for (const id of [5, 6, 7, 17]) {
      const captured = new CapturedIds();
      for (const one of [5, 17]) captured.add(one);
      for (const one of [6, 7]) captured.exclude(one);
      const chunk = chunkOf([1, id]);
      const admission = new Admission({ captured, filter, known: NOTHING_KNOWN });
      const { reused } = await admission.admit([chunkOf([2]), chunk]);
      assert.deepEqual(reused, { block: chunk.block, row: 1 });
    }
  }
});

test('known rows of accepted ids are dropped where the topic has the same, and only there', async () => {
  const asked: number[] = [];
  const known = {
    isAccepted: (id: number) => id < 20,
    isSame: (id: number, datum: Buffer) => {
      asked.push(id);
      return Promise.resolve(datum.equals(datumOf({ id, monitor_id: id % 10 })));
    },
  };
  for (const filter of [null, SEVENS]) {
    const captured = new CapturedIds();
    for (let id = 1; id <= 30; id++) if (id % 10 !== 7 && id !== 8) captured.add(id);
    asked.length = 0;
    const chunks = [chunkOf([1, 40, 2, 3]), chunkOf([4, 41])];
    const admitted = await new Admission({ captured, filter, known }).admit(chunks);
    assert.equal(admitted.reused, null);
    assert.equal(admitted.known, 4);
    assert.deepEqual(idsOf(chunks), [40, 41]);
    assert.deepEqual(asked, [1, 2, 3, 4]);

    const other = new Chunk();
    writeRow(other.block, { id: 50 });
    writeRow(other.block, { id: 5, monitor_id: 6 });
    for (const chunk of [other, chunkOf([42, 21])]) {
      const { reused } = await new Admission({ captured, filter, known }).admit([chunk]);
      assert.deepEqual(reused, { block: chunk.block, row: 1 });
      captured.committed();
    }
  }
});

test('an excluded row of an accepted id is dropped while it would be excluded again', async () => {
  const known = { isAccepted: () => true, isSame: () => Promise.resolve(false) };
  const captured = new CapturedIds();
  captured.exclude(7);
  const again = await new Admission({ captured, filter: SEVENS, known }).admit([chunkOf([7])]);
  assert.equal(again.known, 1);
  assert.equal(again.excluded.size, 0);
  const without = await new Admission({ captured, filter: null, known }).admit([chunkOf([7])]);
  assert.notEqual(without.reused, null);
});
