import { Transform, type TransformCallback } from 'node:stream';

/** What becomes of a packet with an event: itself, perhaps changed, or null for nothing. */
export type PacketRule = (packet: Buffer) => Buffer | null;

const COM_BINLOG_DUMP = 0x12;
const PACKET_HEADER_BYTES = 4;
/** Behind the packet's header and a status byte: timestamp, type, and the rest of the event's header. */
export const EVENT_AT = PACKET_HEADER_BYTES + 1;
export const TYPE_AT = EVENT_AT + 4;

/**
 * What a server sends on one connection, unchanged until a binlog dump is asked for on it. From then on it
 * goes through packet by packet, by a rule; and numbered anew, so that none seems to be missing.
 */
export class BinlogPackets extends Transform {
  rule: PacketRule | null;
  #isDump = false;
  #rest = Buffer.alloc(0);
  #sequence = 1;

  constructor(rule: PacketRule | null) {
    super();
    this.rule = rule;
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
      const packet = Buffer.from(this.#rest.subarray(0, size));
      this.#rest = this.#rest.subarray(size);
      const passed = this.rule === null ? packet : this.rule(packet);
      if (passed === null) continue;
      passed[3] = this.#sequence++ & 0xff;
      this.push(passed);
    }
    done();
  }
}
