import { Transform, type TransformCallback } from 'node:stream';

import { EVENT } from '../event-codes.ts';

const COM_BINLOG_DUMP = 0x12;
const PACKET_HEADER_BYTES = 4;
/** Behind the packet's header: a status byte, the event's timestamp, its type. */
const TYPE_AT = PACKET_HEADER_BYTES + 1 + 4;

/**
 * What a server sends on one connection, unchanged until a binlog dump is asked for on it. From then on
 * whole packets go through, and only heartbeats while `isStalled`: a dump thread that is alive and sends
 * nothing. Packets are numbered anew, so that none seems to be missing.
 */
export class BinlogStall extends Transform {
  readonly #isStalled: () => boolean;
  #isDump = false;
  #rest = Buffer.alloc(0);
  #sequence = 1;

  constructor(isStalled: () => boolean) {
    super();
    this.#isStalled = isStalled;
  }

  /** Told of what the client sends. */
  asked(chunk: Buffer): void {
    // A command is the first packet of its sequence.
    if (chunk[3] === 0 && chunk[PACKET_HEADER_BYTES] === COM_BINLOG_DUMP) this.#isDump = true;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (!this.#isDump) {
      done(null, chunk);
      return;
    }
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const size = this.#rest.length < 4 ? Infinity : 4 + this.#rest.readUIntLE(0, 3);
      if (this.#rest.length < size) break;
      const packet = this.#rest.subarray(0, size);
      this.#rest = this.#rest.subarray(size);
      if (this.#isStalled() && packet[TYPE_AT] !== EVENT.HEARTBEAT) continue;
      packet[3] = this.#sequence++ & 0xff;
      this.push(packet);
    }
    done();
  }
}
