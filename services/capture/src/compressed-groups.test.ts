import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScorelineError } from '@scoreline/service';
import fc from 'fast-check';

import { MAX_EVENT_BYTES } from './compression.ts';
import { EVENT } from './event-codes.ts';
import { BinlogBuilder, eventBytes } from './testing/binlog.ts';
import { payloadBody, zstdFrame } from './testing/compressed.ts';
import { groups, writeGroups } from './testing/random-groups.ts';
import { TestReader } from './testing/read-binlog.ts';

const FLAVOURS = ['mariadb', 'mysql'] as const;

test('compressed groups give the same records as plain ones', () => {
  let rows = 0;
  fc.assert(
    fc.property(groups, fc.constantFrom(...FLAVOURS), (written, flavour) => {
      const [plain, compressed] = [false, true].map((compress) => {
        const binlog = new BinlogBuilder(flavour, compress);
        writeGroups(binlog, written, true);
        const reader = new TestReader({ flavour }).dump(binlog.events);
        const { progress, ...taken } = reader.take();
        assert.deepEqual(progress.position, binlog.end);
        return { ...taken, gtidSet: progress.gtidSet, commitTimeMs: progress.commitTimeMs };
      });
      rows += plain!.rows.length;
      assert.deepEqual(compressed, plain);
    }),
    { numRuns: 100 },
  );
  assert.ok(rows > 1_000);
});

test('a mixture of compressed and plain groups gives the rows of all', () => {
  for (const flavour of FLAVOURS) {
    const binlog = new BinlogBuilder(flavour);
    for (let id = 1; id <= 6; id++) {
      binlog.compress = id % 3 !== 0;
      binlog.begin();
      binlog.insert(id);
      binlog.xid();
    }
    const { ids } = new TestReader({ flavour }).dump(binlog.events).take();
    assert.deepEqual(ids, [1, 2, 3, 4, 5, 6]);
  }
});

test('both layouts of compressed rows are read, and what other tables have is not decompressed', () => {
  const binlog = new BinlogBuilder('mariadb', true);
  binlog.begin();
  binlog.tableMap();
  binlog.rows([1, 2], { type: EVENT.WRITE_ROWS_V1 });
  binlog.rows([3], { type: EVENT.WRITE_ROWS });
  binlog.tableMap(9, { database: 'ntp', table: 'servers' });
  const garbage = Buffer.from(binlog.rows([4], { id: 9 }).bytes.subarray(19, -4)).fill(7, 10);
  binlog.event(EVENT.WRITE_ROWS_COMPRESSED_V1, garbage);
  binlog.xid();
  assert.deepEqual(new TestReader().dump(binlog.events).take().ids, [1, 2, 3]);
});

test('compressed UPDATE, DELETE and TRUNCATE of the table are told', () => {
  for (const flavour of FLAVOURS) {
    const binlog = new BinlogBuilder(flavour, true);
    binlog.begin();
    binlog.tableMap();
    binlog.rows([1], { type: EVENT.UPDATE_ROWS_V1 });
    binlog.rows([1], { type: EVENT.UPDATE_ROWS });
    binlog.rows([1], { type: EVENT.DELETE_ROWS_V1 });
    binlog.rows([1], { type: EVENT.DELETE_ROWS });
    binlog.xid();
    binlog.gtid(true);
    binlog.query('TRUNCATE TABLE `log_scores`');
    assert.deepEqual(new TestReader({ flavour }).dump(binlog.events).told, [
      'resumed',
      'updated UPDATE',
      'updated UPDATE',
      'deleted',
      'deleted',
      'updated TRUNCATE',
    ]);
  }
});

test('a compressed transaction is proved by its own event, and capture goes on behind it', () => {
  const binlog = new BinlogBuilder('mysql', true);
  binlog.begin();
  binlog.insert(1);
  const payload = binlog.xid();
  assert.equal(payload.type, EVENT.TRANSACTION_PAYLOAD);
  const { progress } = new TestReader({ flavour: 'mysql' }).dump(binlog.events).take();
  const { position, event, gtidSet } = progress;
  assert.deepEqual(event, {
    file: payload.start.file,
    start: payload.start.offset,
    end: payload.end.offset,
    crc32: payload.bytes.readUInt32LE(payload.bytes.length - 4),
  });
  binlog.begin();
  binlog.insert(2);
  binlog.xid();
  const again = new TestReader({ flavour: 'mysql', position, event, gtidSet });
  assert.deepEqual(again.dump(binlog.events).take().ids, [2]);
});

test('until its end is reached, no position is named within a compressed transaction or behind', () => {
  const binlog = new BinlogBuilder('mysql', true);
  const before = binlog.end;
  binlog.begin();
  for (let id = 1; id < 50; id++) binlog.insert(id);
  const payload = binlog.xid();
  const reader = new TestReader({ flavour: 'mysql', stepBytes: 100 });
  const events = binlog.events.values();
  reader.dump([]);
  reader.steps(events, 3);
  let steps = 0;
  for (; reader.reader.isWithin && reader.take().ids.length === 0; steps++) {
    assert.deepEqual(reader.reader.progress().position, before);
    assert.equal(reader.reader.hasPassed(payload.end), false);
    reader.steps(events, 1);
  }
  assert.ok(steps > 20, `${steps} steps`);
  assert.deepEqual(reader.reader.progress().position, payload.end);
});

/** A file with one compressed transaction of these events. */
function payloadOf(
  write: (binlog: BinlogBuilder) => void,
  change: (content: Buffer) => Buffer = (content) => content,
): BinlogBuilder {
  const inner = new BinlogBuilder('mysql');
  write(inner);
  const events = inner.events.slice(1).map(({ bytes }) => {
    const event = Buffer.from(bytes.subarray(0, -4));
    event.writeUInt32LE(event.length, 9);
    return event;
  });
  const content = Buffer.concat(events);
  const binlog = new BinlogBuilder('mysql');
  binlog.gtid();
  binlog.event(
    EVENT.TRANSACTION_PAYLOAD,
    change(payloadBody(zstdFrame(content), { uncompressedBytes: content.length })),
  );
  return binlog;
}

function stops(binlog: BinlogBuilder, code: string, says: RegExp, stepBytes?: number): void {
  const { flavour } = binlog;
  const reader = new TestReader({ flavour, ...(stepBytes === undefined ? {} : { stepBytes }) });
  assert.throws(
    () => reader.dump(binlog.events),
    (error: ScorelineError) => {
      assert.equal(error.code, code, error.message);
      assert.equal(error.action, 'stop');
      assert.match(error.message, says);
      assert.match(error.message, /^[A-Z_0-9 in]+ at binlog\.000001:\d+: /, 'it says where');
      assert.ok(error.remedy);
      return true;
    },
  );
  assert.deepEqual(reader.take().ids, [], 'nothing of it goes out');
}

test('a compressed transaction must end where its events do', () => {
  const rows = (binlog: BinlogBuilder): void => {
    binlog.query('BEGIN');
    binlog.insert(1);
  };
  for (const stepBytes of [undefined, 1]) {
    stops(payloadOf(rows), 'binlog-doubt', /ends within a group/, stepBytes);
    const more = payloadOf((binlog) => {
      rows(binlog);
      binlog.xid();
      rows(binlog);
      binlog.xid();
    });
    stops(more, 'binlog-damaged', /XID in TRANSACTION_PAYLOAD .* ends before it does/, stepBytes);
  }
});

test('what has no place in a compressed transaction stops', () => {
  for (const [type, code] of [
    [EVENT.GTID, 'binlog-doubt'],
    [EVENT.TRANSACTION_PAYLOAD, 'binlog-doubt'],
    [EVENT.FORMAT_DESCRIPTION, 'binlog-doubt'],
    [EVENT.WRITE_ROWS_COMPRESSED, 'binlog-doubt'],
    [26, 'binlog-event'],
    [39, 'binlog-event'],
    [99, 'binlog-event'],
  ] as const) {
    const binlog = payloadOf((inner) => {
      inner.query('BEGIN');
      inner.event(type, Buffer.alloc(60));
      inner.xid();
    });
    stops(binlog, code, / in TRANSACTION_PAYLOAD at /);
  }
  const alone = new BinlogBuilder('mysql');
  const { events } = payloadOf((inner) => inner.query('BEGIN'));
  alone.event(EVENT.TRANSACTION_PAYLOAD, Buffer.from(events.at(-1)!.bytes.subarray(19, -4)));
  stops(alone, 'binlog-doubt', /QUERY in TRANSACTION_PAYLOAD/);
});

test('damage within a compressed event stops, and says where', () => {
  const whole = (inner: BinlogBuilder): void => {
    inner.query('BEGIN');
    inner.insert(1);
    inner.xid();
  };
  stops(
    payloadOf(whole, (body) => body.subarray(0, -1)),
    'binlog-damaged',
    /payload says/,
  );
  stops(
    payloadOf(whole, (body) => body.subarray(0, 3)),
    'binlog-damaged',
    /not laid out/,
  );
  const zeroed = (body: Buffer): Buffer =>
    body.fill(0, body.indexOf(zstdFrame(Buffer.of()).subarray(0, 4)));
  stops(payloadOf(whole, zeroed), 'binlog-damaged', /not zstd/);

  for (const [type, write] of [
    ['WRITE_ROWS_COMPRESSED_V1', (binlog: BinlogBuilder) => binlog.insert(1)],
    ['QUERY_COMPRESSED', (binlog: BinlogBuilder) => binlog.query('SAVEPOINT a')],
  ] as const) {
    const binlog = new BinlogBuilder('mariadb', true);
    binlog.begin();
    write(binlog);
    const last = binlog.events.pop()!;
    const body = last.bytes.subarray(19, -4);
    const cut = eventBytes(last.type, body.subarray(0, -2), { next: last.end.offset - 2 });
    binlog.events.push({ ...last, bytes: cut });
    stops(binlog, 'binlog-damaged', new RegExp(`^${type} at .*cannot be restored`));
  }
});

test('of an event too large to be held, only one of the captured table stops', () => {
  const huge = (type: number, id: number): BinlogBuilder =>
    payloadOf((inner) => {
      inner.query('BEGIN');
      inner.insert(1);
      inner.tableMap(9, { database: 'ntp', table: 'servers' });
      const body = Buffer.alloc(MAX_EVENT_BYTES);
      body.writeUIntLE(id, 0, 6);
      inner.event(type, body);
      inner.xid();
    });
  for (const type of [EVENT.WRITE_ROWS, EVENT.ROWS_QUERY]) {
    const reader = new TestReader({ flavour: 'mysql' }).dump(huge(type, 9).events);
    assert.deepEqual(reader.take().ids, [1]);
  }
  for (const [type, id] of [
    [EVENT.WRITE_ROWS, 7],
    [EVENT.QUERY, 9],
  ] as const) {
    stops(huge(type, id), 'event-too-large', /an event of 67108883 bytes/);
  }
});
