import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScorelineError } from '@scoreline/service';

import { BinlogTap, type DumpConnection, type Packet } from './binlog-tap.ts';
import { EVENT } from './event-codes.ts';
import { BinlogBuilder } from './testing/binlog.ts';

class Dump {
  readonly kind = 'dump';
}

/** What mysql2 and zongji do with packets, as far as the tap can tell. */
class FakeConnection implements DumpConnection {
  _paused = false;
  _command: unknown = new Dump();
  sequenceId = 0;
  readonly parsed: Packet[] = [];
  readonly kept: Packet[] = [];
  onParsed = (): void => {};

  handlePacket: (packet?: Packet) => void = (packet) => {
    if (packet === undefined) return;
    if (this._paused) {
      this.kept.push({ ...packet });
      return;
    }
    this._bumpSequenceId(packet.numPackets);
    this.parsed.push(packet);
    this.onParsed();
  };

  _bumpSequenceId(packets: number): void {
    this.sequenceId = (this.sequenceId + packets) % 256;
  }

  pause(): void {
    this._paused = true;
  }

  resume(): void {
    this._paused = false;
    for (const packet of this.kept.splice(0)) this.handlePacket(packet);
  }

  query(): void {}
}

interface Tapped {
  readonly connection: FakeConnection;
  readonly tap: BinlogTap;
  readonly events: number[];
  readonly failures: ScorelineError[];
  readonly send: (event: Buffer, more?: Partial<Packet>) => void;
  onEvent: (type: number) => void;
}

function tapped(): Tapped {
  const connection = new FakeConnection();
  const events: number[] = [];
  const failures: ScorelineError[] = [];
  let sequenceId = 0;
  const made: Tapped = {
    connection,
    events,
    failures,
    onEvent: () => {},
    tap: new BinlogTap({ BinlogClass: Dump } as never, connection, {
      event: (bytes, at, end, type) => {
        assert.equal(end - at, bytes.readUInt32LE(at + 9));
        events.push(type);
        made.onEvent(type);
      },
      failed: (error) => failures.push(error as ScorelineError),
    }),
    send: (event, more = {}) => {
      const buffer = Buffer.concat([Buffer.from('head\0'), event, Buffer.from('tail')]);
      const numPackets = more.numPackets ?? 1;
      connection.handlePacket({
        buffer,
        offset: 4,
        end: 5 + event.length,
        sequenceId,
        numPackets,
        ...more,
      });
      sequenceId = (sequenceId + numPackets) % 256;
    },
  };
  return made;
}

const events = (): Buffer[] => {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1, 2, 3);
  binlog.xid();
  return binlog.events.map(({ bytes }) => bytes);
};

test('verified events are handed over, and zongji sees none of them', () => {
  const { connection, events: seen, failures, send, tap } = tapped();
  for (const event of events()) send(event);
  assert.deepEqual(seen, [
    EVENT.FORMAT_DESCRIPTION,
    EVENT.MARIADB_GTID,
    EVENT.TABLE_MAP,
    EVENT.WRITE_ROWS_V1,
    EVENT.XID,
  ]);
  assert.deepEqual(connection.parsed, []);
  assert.deepEqual(failures, []);
  assert.equal(connection.sequenceId, 5, 'the connection counts on');
  assert.equal(tap.events[EVENT.XID], 1);
});

test('zongji parses the event at hand when it is asked to, once', () => {
  const made = tapped();
  made.onEvent = (type) => {
    if (type !== EVENT.TABLE_MAP) return;
    made.tap.pass();
    made.tap.pass();
  };
  for (const event of events()) made.send(event);
  assert.equal(made.connection.parsed.length, 1);
  assert.equal(made.connection.sequenceId, 5);
});

test('zongji parses an event that came within another, and no packet is counted', () => {
  const made = tapped();
  const parsed: unknown[] = [];
  made.connection._command = Object.assign(new Dump(), {
    execute: (packet: Packet & { isEOF(): boolean; isError(): boolean }, connection: unknown) => {
      assert.equal(connection, made.connection);
      const { buffer, offset, end } = packet;
      parsed.push([packet.isEOF(), packet.isError(), buffer[offset], buffer.subarray(1, end)]);
    },
  });
  const [description, , map] = events();
  made.send(description!);
  made.tap.passInner(map!);
  assert.deepEqual(parsed, [[false, false, 0, map]]);
  assert.equal(made.connection.sequenceId, 1);
  made.send(map!);
  assert.deepEqual(made.events, [EVENT.FORMAT_DESCRIPTION, EVENT.TABLE_MAP]);
  assert.deepEqual(made.failures, []);
});

test('one wrong bit anywhere in an event is seen, and nothing comes after it', () => {
  const [, , , rows] = events();
  for (let bit = 0; bit < rows!.length * 8; bit += 3) {
    const { events: seen, failures, send } = tapped();
    const damaged = Buffer.from(rows!);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    send(damaged);
    for (const event of events()) send(event);
    assert.deepEqual(seen, []);
    assert.equal(failures.length, 1);
    assert.equal(failures[0]!.code, 'binlog-damaged');
    assert.equal(failures[0]!.action, 'stop');
  }
});

test('a packet that holds no whole event stops', () => {
  const [event] = events();
  for (const bytes of [
    event!.subarray(0, event!.length - 1),
    event!.subarray(0, 20),
    Buffer.alloc(3),
  ]) {
    const { failures, send } = tapped();
    send(bytes);
    assert.equal(failures[0]?.code, 'binlog-damaged');
  }
});

test('a packet out of order is a reason to connect again', () => {
  const { failures, send } = tapped();
  send(events()[0]!, { sequenceId: 3 });
  assert.equal(failures[0]?.action, 'retry');
});

test("the server's end of the stream is told, though zongji says nothing", () => {
  const { connection, failures } = tapped();
  const buffer = Buffer.from([0, 0, 0, 0, 0xfe, 0, 0, 2, 0]);
  connection.handlePacket({ buffer, offset: 4, end: 9, sequenceId: 0, numPackets: 1 });
  assert.equal(failures[0]?.code, 'source-connection');
  assert.equal(failures[0].action, 'retry');
});

test("what is no event goes to zongji: answers before the dump, and the server's errors", () => {
  const { connection, events: seen, failures, send } = tapped();
  connection._command = {};
  send(events()[0]!);
  connection._command = new Dump();
  const error = Buffer.from([0, 0, 0, 0, 0xff, 0xd4, 4, 35, 72, 89, 48, 48, 48, 120]);
  connection.handlePacket({
    buffer: error,
    offset: 4,
    end: error.length,
    sequenceId: 1,
    numPackets: 1,
  });
  assert.equal(connection.parsed.length, 2);
  assert.deepEqual(seen, []);
  assert.deepEqual(failures, []);
});

test('a pause within an event takes hold after it, and no packet comes twice', () => {
  const made = tapped();
  made.onEvent = (type) => {
    if (type === EVENT.MARIADB_GTID) made.tap.pause();
  };
  const sent = events();
  for (const event of sent) made.send(event);
  assert.equal(made.connection._paused, true);
  assert.deepEqual(made.events, [EVENT.FORMAT_DESCRIPTION, EVENT.MARIADB_GTID]);
  assert.equal(made.connection.kept.length, 3);
  made.connection.resume();
  assert.equal(made.events.length, 5);
  assert.deepEqual(made.failures, []);
});

// mysql2 keeps a packet that comes to a paused connection, and hands it over when that goes on.
test('an event that zongji parses after a pause within it comes once', () => {
  const made = tapped();
  made.onEvent = (type) => {
    if (type !== EVENT.TABLE_MAP) return;
    made.tap.pause();
    made.tap.pass();
  };
  for (const event of events()) made.send(event);
  assert.equal(made.connection._paused, true);
  made.connection.resume();
  const maps = made.events.filter((type) => type === EVENT.TABLE_MAP);
  assert.equal(maps.length, 1, 'the event came again');
  assert.equal(made.connection.parsed.length, 1);
  assert.deepEqual(made.failures, []);
});

test('an error of whoever takes the events is told once, and ends it', () => {
  const made = tapped();
  made.onEvent = () => {
    throw new Error('no');
  };
  for (const event of events()) made.send(event);
  assert.equal(made.events.length, 1);
  assert.equal(made.failures.length, 1);
});

test('an event of several packets counts as several', () => {
  const { connection, send, failures } = tapped();
  send(events()[0]!, { numPackets: 3 });
  send(events()[1]!);
  assert.equal(connection.sequenceId, 4);
  assert.deepEqual(failures, []);
});
