import { PermanentError, RetryableError } from '@scoreline/service';
import type ZongJi from '@vlasky/zongji';

import { crc32 } from './crc32.ts';
import { eventName } from './event-codes.ts';
import { CHECKSUM_BYTES, eventSize, eventType, HEADER_BYTES } from './event-layout.ts';

/** What mysql2 hands to a connection: the payload is `buffer[offset..end]`. One object, used again. */
export interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
  readonly sequenceId: number;
  readonly numPackets: number;
}

/** The parts of mysql2's connection that zongji's stream and this tap rest on. */
export interface DumpConnection {
  handlePacket: (packet?: Packet) => void;
  readonly _paused: boolean;
  readonly _command: unknown;
  readonly sequenceId: number;
  _bumpSequenceId(packets: number): void;
  pause(): void;
  resume(): void;
  query(sql: string, done: (error: Error | null, rows: unknown) => void): void;
}

export interface TapHandlers {
  /** A verified event at `event[at..end]`, checksum included. Good only until it returns. */
  event(event: Buffer, at: number, end: number, type: number): void;
  /** Told at most once; nothing is handed over afterwards. */
  failed(error: Error): void;
}

/** zongji's command: what it is given here it parses, and no packet is counted. */
interface InnerParser {
  execute(packet: InnerPacket, connection: DumpConnection): unknown;
}

/** The parts of mysql2's packet that zongji reads. */
class InnerPacket {
  readonly buffer: Buffer;
  offset = 0;
  readonly end: number;

  constructor(event: Buffer) {
    this.buffer = Buffer.concat([Buffer.of(OK), event]);
    this.end = this.buffer.length;
  }

  isEOF(): boolean {
    return false;
  }

  isError(): boolean {
    return false;
  }
}

const OK = 0x00;
const END_OF_FILE = 0xfe;
const END_OF_FILE_BYTES = 9;

/**
 * Sits between mysql2's packets and zongji's events, from the dump on. zongji passes over events that it
 * does not know, checks no checksum, and makes an object of each event: so every event is verified here and
 * handed over in the raw, and zongji sees only those that `pass` is called for, and what is no event.
 */
export class BinlogTap {
  /** Events and bytes by type code, since the start. */
  readonly events = new Float64Array(256);
  bytes = 0;
  readonly #connection: DumpConnection;
  readonly #isDump: (command: unknown) => boolean;
  readonly #handlers: TapHandlers;
  readonly #pass: (packet?: Packet) => void;
  #packet: Packet | undefined;
  #passed = false;
  #dumping = false;
  #failed = false;
  #pauseWanted = false;

  constructor(zongji: ZongJi, connection: DumpConnection, handlers: TapHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
    const { BinlogClass } = zongji as unknown as { BinlogClass: new () => object };
    this.#isDump = (command) => command instanceof BinlogClass;
    this.#pass = connection.handlePacket.bind(connection);
    connection.handlePacket = (packet) => this.#handle(packet);
  }

  /** Has zongji parse the event at hand. */
  pass(): void {
    if (this.#passed) return;
    this.#passed = true;
    this.#pass(this.#packet);
  }

  /** Has zongji parse an event that came within another. */
  passInner(event: Buffer): void {
    const command = this.#connection._command as InnerParser;
    command.execute(new InnerPacket(event), this.#connection);
  }

  /** Pauses the connection when the packet at hand is done: within it, it would come twice. */
  pause(): void {
    if (this.#packet === undefined) this.#connection.pause();
    else this.#pauseWanted = true;
  }

  #handle(packet?: Packet): void {
    const connection = this.#connection;
    // A packet that comes while paused is kept, and comes again.
    if (packet === undefined || connection._paused) return this.#pass(packet);
    this.#dumping ||= this.#isDump(connection._command);
    if (!this.#dumping) return this.#pass(packet);
    if (this.#failed) return;
    try {
      this.#tap(packet);
    } catch (error) {
      this.#failed = true;
      this.#handlers.failed(error as Error);
    } finally {
      this.#packet = undefined;
    }
    if (this.#pauseWanted) {
      this.#pauseWanted = false;
      if (!this.#failed) connection.pause();
    }
  }

  #tap(packet: Packet): void {
    const { buffer, offset, end } = packet;
    const first = buffer[offset];
    if (first === END_OF_FILE && end - offset < END_OF_FILE_BYTES) throw endOfStream();
    // What is left are the server's errors: zongji tells them.
    if (first !== OK) return this.#pass(packet);
    if (packet.sequenceId !== this.#connection.sequenceId) throw outOfOrder();
    this.#packet = packet;
    this.#passed = false;
    this.#take(buffer, offset + 1, end);
    if (!this.#passed) this.#connection._bumpSequenceId(packet.numPackets);
  }

  #take(event: Buffer, at: number, end: number): void {
    const size = end - at;
    if (size < HEADER_BYTES + CHECKSUM_BYTES || eventSize(event, at) !== size) {
      throw damaged(`a packet of ${size} bytes holds no whole event`);
    }
    const type = eventType(event, at);
    const stored = event.readUInt32LE(end - CHECKSUM_BYTES);
    const computed = crc32(event, at, end - CHECKSUM_BYTES);
    if (stored !== computed) {
      throw damaged(
        `a ${eventName(type)} event of ${size} bytes has CRC32 ${hex(stored)}, its bytes make ${hex(computed)}`,
      );
    }
    this.events[type]!++;
    this.bytes += size;
    this.#handlers.event(event, at, end, type);
  }
}

function damaged(what: string): PermanentError {
  return new PermanentError(`the binlog is damaged: ${what}`, {
    code: 'binlog-damaged',
    remedy:
      'Check the binlog file with mysqlbinlog --verify-binlog-checksum, and the network and disks between. If the file is good, start again.',
  });
}

function endOfStream(): RetryableError {
  return new RetryableError('the server ended the binlog stream', { code: 'source-connection' });
}

function outOfOrder(): RetryableError {
  return new RetryableError('packets of the binlog stream came out of order', {
    code: 'source-connection',
  });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
