import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BinlogCursor, CursorError } from './binlog-cursor.ts';
import { EVENT } from './event-codes.ts';
import { eventBytes } from './testing/binlog.ts';

function step(
  cursor: BinlogCursor,
  next: number,
  { type = EVENT.XID, flags = 0 }: { type?: number; flags?: number } = {},
) {
  const event = eventBytes(type, Buffer.alloc(8), { next, flags });
  return cursor.step(event, 0, event.length, type);
}

test('events are where their headers say', () => {
  const cursor = new BinlogCursor();
  cursor.jump('binlog.000003', 4);
  assert.equal(step(cursor, 35), true);
  assert.deepEqual(cursor.position, { file: 'binlog.000003', offset: 35 });
  assert.equal(cursor.start, 4);
  assert.equal(step(cursor, 100), true, 'events that nobody asked for are left out of the stream');
  assert.deepEqual([cursor.start, cursor.end], [69, 100]);
  assert.deepEqual(cursor.proof, {
    file: 'binlog.000003',
    start: 69,
    end: 100,
    crc32: cursor.crc32,
  });
});

test('a file larger than 4 GiB is counted on', () => {
  const cursor = new BinlogCursor();
  cursor.jump('binlog.000003', 2 ** 32 - 10);
  step(cursor, 21);
  assert.equal(cursor.end, 2 ** 32 + 21);
  step(cursor, 0, { type: EVENT.WRITE_ROWS_V1 });
  assert.equal(cursor.end, 2 ** 32 + 52);
  cursor.jump('binlog.000003', 3 * 2 ** 32 + 100);
  step(cursor, 400);
  assert.equal(cursor.end, 3 * 2 ** 32 + 400);
});

test('what a server makes for this connection is not in the file', () => {
  const cursor = new BinlogCursor();
  cursor.jump('binlog.000003', 500);
  for (const [type, next, flags] of [
    [EVENT.HEARTBEAT, 500, 0],
    [EVENT.HEARTBEAT_V2, 0, 0],
    [EVENT.ROTATE, 0, 0x20],
    [EVENT.FORMAT_DESCRIPTION, 0, 0],
    [EVENT.PREVIOUS_GTIDS, 0, 0],
    [EVENT.MARIADB_GTID_LIST, 0, 0],
    [EVENT.START_ENCRYPTION, 0, 0],
  ] as const) {
    assert.equal(step(cursor, next, { type, flags }), false);
  }
  assert.equal(cursor.end, 500);
});

test('an event that would end before it begins is doubt', () => {
  const cursor = new BinlogCursor();
  cursor.jump('binlog.000003', 1_000);
  assert.throws(() => step(cursor, 1_010), CursorError);
  assert.throws(() => step(cursor, 900), CursorError);
});
