import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScorelineError } from '@scoreline/service';
import fc from 'fast-check';

import { EVENT } from './event-codes.ts';
import { BinlogBuilder, formatDescription } from './testing/binlog.ts';
import { groups, writeGroups } from './testing/random-groups.ts';
import { TestReader } from './testing/read-binlog.ts';

function stops(code: string, says: RegExp, write: (binlog: BinlogBuilder) => void): void {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = new BinlogBuilder(flavour);
    write(binlog);
    assert.throws(
      () => new TestReader({ flavour }).dump(binlog.events),
      (error: ScorelineError) => {
        assert.equal(error.code, code, error.message);
        assert.equal(error.action, 'stop');
        assert.match(error.message, says);
        assert.match(error.message, /binlog\.000001:\d+/, 'it says where');
        assert.ok(error.remedy);
        return true;
      },
    );
  }
}

test('rows become publishable when their group commits, as of its commit', () => {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = new BinlogBuilder(flavour);
    binlog.begin();
    binlog.insert(1, 2);
    const reader = new TestReader({ flavour }).dump(binlog.events);
    assert.deepEqual(reader.take().ids, []);
    const xid = binlog.xid(1_760_000_123);
    reader.read(xid.bytes, xid.type);
    const { ids, times, progress } = reader.take();
    assert.deepEqual(ids, [1, 2]);
    assert.deepEqual(times, [1_760_000_123_000, 1_760_000_123_000]);
    assert.deepEqual(progress.position, binlog.end);
    assert.equal(progress.event?.start, xid.start.offset);
    assert.equal(progress.event?.crc32, xid.bytes.readUInt32LE(xid.bytes.length - 4));
    assert.equal(
      progress.gtidSet,
      flavour === 'mariadb' ? '0-1-1' : 'abababab-abab-abab-abab-abababababab:1',
    );
  }
});

test('a GTID counts when its group has ended, and not before', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1);
  const reader = new TestReader().dump(binlog.events);
  assert.equal(reader.reader.progress().gtidSet, '');
  const xid = binlog.xid();
  reader.read(xid.bytes, xid.type);
  assert.equal(reader.reader.progress().gtidSet, '0-1-1');
});

test('no place within a group is one to go on from', () => {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = new BinlogBuilder(flavour);
    const before = binlog.end;
    binlog.begin();
    binlog.insert(1);
    const reader = new TestReader({ flavour }).dump(binlog.events);
    assert.deepEqual(reader.take().progress.position, before);
  }
});

test("MySQL's own commit time has milliseconds", () => {
  const binlog = new BinlogBuilder('mysql');
  const body = Buffer.alloc(49);
  body.writeBigUInt64LE(1n, 17);
  const us = 1_760_000_000_123_456n;
  body.writeUIntLE(Number(us & 0xffffffffn), 42, 4);
  body.writeUIntLE(Number(us >> 32n), 46, 3);
  binlog.event(EVENT.GTID, body);
  binlog.query('BEGIN');
  binlog.insert(1);
  binlog.xid();
  assert.deepEqual(
    new TestReader({ flavour: 'mysql' }).dump(binlog.events).take().times,
    [1_760_000_000_123],
  );
});

test('a group may end with Query COMMIT', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1);
  binlog.query('COMMIT');
  assert.deepEqual(new TestReader().dump(binlog.events).take().ids, [1]);
});

test('rolled-back rows are in the binlog and do not go out', () => {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = new BinlogBuilder(flavour);
    binlog.begin();
    binlog.insert(1);
    binlog.query('ROLLBACK');
    binlog.begin();
    binlog.insert(2);
    binlog.query('SAVEPOINT `s 1`');
    binlog.insert(3, 4);
    binlog.query('ROLLBACK TO `s 1`');
    binlog.insert(5);
    binlog.xid();
    assert.deepEqual(new TestReader({ flavour }).dump(binlog.events).take().ids, [2, 5]);
  }
});

test('a group larger than may be held goes out in parts', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  for (let id = 1; id <= 100; id++) binlog.insert(id);
  const reader = new TestReader({ maxGroupBytes: 1_000 }).dump(binlog.events);
  const { ids, progress } = reader.take();
  assert.ok(ids.length > 50, `${ids.length} rows may go out of a group that is still open`);
  assert.equal(progress.openGroup?.rows, ids.length);
  assert.ok(reader.collector.groupBytes < 1_000);
});

test('a group that the server was killed in is gone when it comes up again', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1);
  binlog.restart();
  binlog.begin();
  binlog.insert(2);
  binlog.xid();
  assert.deepEqual(new TestReader().dump(binlog.events).take().ids, [2]);
});

test('definitions and other tables move the position, and give no rows', () => {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = new BinlogBuilder(flavour);
    binlog.gtid(true);
    binlog.query('CREATE TABLE log_scores (id int)');
    binlog.begin();
    binlog.tableMap(9, { database: 'ntp', table: 'servers' });
    binlog.rows([1, 2], { id: 9 });
    binlog.xid();
    const reader = new TestReader({ flavour }).dump(binlog.events);
    assert.deepEqual(reader.told, ['resumed']);
    const { ids, progress } = reader.take();
    assert.deepEqual(ids, []);
    assert.deepEqual(progress.position, binlog.end);
  }
});

test('a table of the same name in another database is another table', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.tableMap(8, { database: 'old', table: 'log_scores' });
  binlog.rows([1, 2], { id: 8 });
  binlog.insert(3);
  binlog.xid();
  assert.deepEqual(new TestReader().dump(binlog.events).take().ids, [3]);
});

test('a new file is told of, though nothing is written to it', () => {
  for (const [flavour, type, body] of [
    ['mariadb', EVENT.MARIADB_GTID_LIST, Buffer.alloc(4)],
    ['mysql', EVENT.PREVIOUS_GTIDS, Buffer.alloc(8)],
  ] as const) {
    const binlog = new BinlogBuilder(flavour);
    const reader = new TestReader({ flavour }).dump(binlog.events);
    const before = reader.advances;
    const list = binlog.event(type, body);
    reader.read(list.bytes, list.type);
    assert.equal(reader.advances, before + 1);
    assert.deepEqual(reader.take().progress.position, list.end);
  }
});

test('a rotation goes on in the next file', () => {
  const binlog = new BinlogBuilder();
  const body = Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('binlog.000002')]);
  binlog.event(EVENT.ROTATE, body);
  const reader = new TestReader().dump(binlog.events);
  const description = new BinlogBuilder().events[0]!;
  reader.read(description.bytes, description.type);
  assert.deepEqual(reader.take().progress.position, {
    file: 'binlog.000002',
    offset: description.end.offset,
  });
});

test('events of which MariaDB says no position inside of a transaction are counted', () => {
  const binlog = new BinlogBuilder();
  binlog.gtid();
  const head = binlog.end.offset;
  const inside = new BinlogBuilder();
  inside.insert(1);
  for (const { bytes, type } of inside.events.slice(1)) {
    const body = bytes.subarray(19, bytes.length - 4);
    binlog.event(type, Buffer.from(body), { next: 0 });
  }
  assert.ok(binlog.end.offset > head);
  binlog.xid();
  const { ids, progress } = new TestReader().dump(binlog.events).take();
  assert.deepEqual(ids, [1]);
  assert.deepEqual(progress.position, binlog.end);
});

test('UPDATE, TRUNCATE, DROP and DELETE of the table are told', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.tableMap();
  binlog.rows([1], { type: EVENT.UPDATE_ROWS_V1 });
  binlog.rows([1], { type: EVENT.DELETE_ROWS_V1 });
  binlog.xid();
  for (const sql of ['TRUNCATE TABLE `log_scores`', 'DROP TABLE IF EXISTS x, ntp.log_scores']) {
    binlog.gtid(true);
    binlog.query(sql);
  }
  const reader = new TestReader().dump(binlog.events);
  assert.deepEqual(reader.told, [
    'resumed',
    'updated UPDATE',
    'deleted',
    'updated TRUNCATE',
    'updated DROP TABLE',
  ]);
  assert.deepEqual(reader.take().ids, []);
});

test('a row without all of its columns stops', () => {
  stops('row-image', /without all/, (binlog) => {
    binlog.begin();
    binlog.tableMap();
    binlog.rows([1], { present: 0x3f });
  });
});

test('rows without a table map in their group stop, though an earlier group had one', () => {
  stops('binlog-doubt', /table id 7/, (binlog) => {
    binlog.begin();
    binlog.insert(1);
    binlog.xid();
    binlog.begin();
    binlog.rows([2]);
  });
});

test('a write by statement stops', () => {
  stops('statement-format', /without its rows/, (binlog) => {
    binlog.begin();
    binlog.query('INSERT INTO log_scores (id) VALUES (1)');
  });
});

test('an XA transaction that writes the table stops', () => {
  stops('xa-group', /XA/, (binlog) => {
    binlog.gtid();
    binlog.query("XA START X'78',X'',1");
    binlog.insert(1);
  });
});

test("MariaDB says XA in the GTID, not in a query: its rows stop too, and other tables' pass", () => {
  const binlog = new BinlogBuilder();
  binlog.gtid(false, 0x40);
  binlog.tableMap(9, { database: 'ntp', table: 'servers' });
  binlog.rows([1], { id: 9 });
  binlog.query("XA END X'78',X'',1");
  binlog.event(EVENT.XA_PREPARE, Buffer.alloc(14));
  binlog.gtid(false, 0x80);
  binlog.query("XA COMMIT X'78',X'',1");
  const reader = new TestReader().dump(binlog.events);
  assert.deepEqual(reader.take().progress.position, binlog.end);
  binlog.gtid(false, 0x40);
  binlog.insert(1);
  assert.throws(
    () => new TestReader().dump(binlog.events),
    (error: ScorelineError) => error.code === 'xa-group',
  );
});

const REFUSED: Readonly<Record<number, string>> = {
  17: 'BEGIN_LOAD_QUERY',
  26: 'INCIDENT',
  39: 'PARTIAL_UPDATE_ROWS',
  172: 'PARTIAL_ROW_DATA',
  99: 'UNKNOWN_99',
  0: 'UNKNOWN_0',
};

for (const [code, name] of Object.entries(REFUSED)) {
  test(`an event that cannot be captured stops: ${name}`, () => {
    stops('binlog-event', new RegExp(`${name} at .*code ${code}\\b`), (binlog) => {
      binlog.event(Number(code), Buffer.alloc(30));
    });
  });
}

test('what was written before a new ledger begins does not matter to it', () => {
  const binlog = new BinlogBuilder('mysql');
  binlog.gtid();
  binlog.event(26, Buffer.alloc(30));
  const position = binlog.end;
  binlog.begin();
  binlog.insert(1);
  binlog.xid();
  const reader = new TestReader({ flavour: 'mysql', position }).dump(binlog.events);
  assert.deepEqual(reader.take().ids, [1]);
});

test('a file without checksums stops', () => {
  stops('binlog-checksum-off', /no CRC32/, (binlog) => {
    const body = formatDescription(1);
    body[body.length - 1] = 0;
    binlog.event(EVENT.FORMAT_DESCRIPTION, body);
  });
});

test('a row that cannot be read stops', () => {
  stops('row-unreadable', /column id/, (binlog) => {
    binlog.begin();
    binlog.tableMap();
    const { bytes } = new BinlogBuilder().rows([1]);
    const body = Buffer.from(bytes.subarray(19, bytes.length - 4));
    body.writeBigUInt64LE(2n ** 60n, 11);
    binlog.event(EVENT.WRITE_ROWS_V1, body);
  });
});

test('capture goes on behind the event that the checkpoint remembers', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1);
  const xid = binlog.xid();
  const { progress } = new TestReader().dump(binlog.events).take();
  binlog.begin();
  binlog.insert(2);
  binlog.xid();
  const { position, event, gtidSet } = progress;
  const again = new TestReader({ position, event, gtidSet }).dump(binlog.events);
  assert.deepEqual(again.take().ids, [2]);
  assert.deepEqual(again.take().progress.gtidSet, '0-1-2');

  for (const wrong of [
    { ...event!, crc32: event!.crc32 ^ 1 },
    { ...event!, start: xid.start.offset - 5 },
  ]) {
    assert.throws(
      () => new TestReader({ position, event: wrong }).dump(binlog.events),
      (error: ScorelineError) => error.code === 'source-rewound',
    );
  }
  const longer = { file: position.file, offset: position.offset + 3 };
  assert.throws(
    () =>
      new TestReader({ position: longer, event: { ...event!, end: longer.offset } }).dump(
        binlog.events,
      ),
    (error: ScorelineError) => error.code === 'source-rewound' && /CRC32/.test(error.message),
  );
});

test('a first start finds the event before its position, and passes over the rows before', () => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1);
  binlog.xid();
  const position = binlog.end;
  binlog.begin();
  binlog.insert(2);
  binlog.xid();
  const reader = new TestReader({ position });
  reader.dump(binlog.events.slice(0, 5));
  assert.deepEqual(reader.told, ['resumed']);
  assert.equal(reader.reader.progress().event?.end, position.offset);
  assert.equal(reader.reader.progress().gtidSet, '0-1-1');
  for (const { bytes, type } of binlog.events.slice(5)) reader.read(bytes, type);
  assert.deepEqual(reader.take().ids, [2]);
});

test('whatever groups come, and wherever capture begins again, every row goes out once', () => {
  const parts = { plain: 0, compressed: 0 };
  fc.assert(
    fc.property(
      groups,
      fc.constantFrom('mariadb' as const, 'mysql' as const),
      fc.boolean(),
      fc.array(fc.nat(40), { maxLength: 8 }),
      fc.constantFrom(2_000, 1_000_000),
      (written, flavour, compress, deaths, maxGroupBytes) => {
        const binlog = new BinlogBuilder(flavour, compress);
        const committed = writeGroups(binlog, written, maxGroupBytes > 10_000);
        const topic: number[] = [];
        let saved:
          | { position?: never; event?: never }
          | ReturnType<TestReader['take']>['progress'] = {};
        // Each life reads so many steps, publishes, reads as many again, and dies.
        for (const life of [...deaths, Number.POSITIVE_INFINITY]) {
          const reader = new TestReader({ flavour, maxGroupBytes, stepBytes: 700, ...saved });
          const from = 'position' in saved && saved.position ? saved.event!.start : 4;
          const rest = binlog.events.filter(({ start }) => start.offset >= from).values();
          reader.dump([]);
          reader.steps(rest, life);
          if (!reader.told.includes('resumed')) continue;
          const { ids, progress } = reader.take();
          if (progress.event === null) continue;
          if (progress.openGroup !== null) parts[compress ? 'compressed' : 'plain']++;
          topic.push(...ids);
          saved = progress;
          reader.steps(rest, life);
        }
        assert.deepEqual(topic, committed);
      },
    ),
    { numRuns: 600 },
  );
  for (const [kind, ends] of Object.entries(parts)) {
    assert.ok(ends > 15, `only ${ends} lives ended within a ${kind} group that was out in part`);
  }
});
