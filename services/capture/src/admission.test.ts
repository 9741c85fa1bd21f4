import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CapturedIds } from '@scoreline/ledger';
import type { Block } from '@scoreline/schema';

import { Admission } from './admission.ts';
import { Chunk } from './chunk.ts';
import { parseExclude } from './exclude.ts';
import { RowFilter } from './row-filter.ts';
import { writeRow } from './testing/encoded-rows.ts';

class Reused extends Error {}

const reused = (block: Block, row: number): Error => new Reused(`id ${block.ids[row]}`);

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

test('without rules every row goes out, and its id is taken', () => {
  const captured = new CapturedIds();
  const chunks = [chunkOf([7, 8, 9]), chunkOf([17])];
  assert.equal(new Admission({ captured, filter: null, reused }).admit(chunks).size, 0);
  assert.deepEqual(idsOf(chunks), [7, 8, 9, 17]);
  assert.equal(captured.count, 4);
});

test('rows that match a rule are cut out, counted by column, and their ids are excluded', () => {
  const captured = new CapturedIds();
  const chunks = [chunkOf([7, 8, 9]), chunkOf([17, 27]), chunkOf([30])];
  const excluded = new Admission({ captured, filter: SEVENS, reused }).admit(chunks);
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

test('an id that is known is a doubt, whether its rows are excluded, now or then, or not', () => {
  for (const filter of [null, SEVENS]) {
    for (const id of [6, 7]) {
      const captured = new CapturedIds();
      captured.add(5);
      captured.exclude(6);
      captured.exclude(7);
      const admission = new Admission({ captured, filter, reused });
      assert.throws(() => admission.admit([chunkOf([1, id])]), { message: `id ${id}` });
      assert.throws(() => admission.admit([chunkOf([5])]), { message: 'id 5' });
    }
  }
  const captured = new CapturedIds();
  captured.add(17);
  const admission = new Admission({ captured, filter: SEVENS, reused });
  assert.throws(() => admission.admit([chunkOf([17])]), { message: 'id 17' });
});
