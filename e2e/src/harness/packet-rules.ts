import { crc32 } from 'node:zlib';

import { EVENT_AT, type PacketRule, TYPE_AT } from '@scoreline/testing';

const HEARTBEAT = 27;
const HEADER_END = EVENT_AT + 19;
const CHECKSUM_BYTES = 4;

/** A rule, and what it has done. */
export interface Meddling {
  readonly rule: PacketRule;
  /** How often; 0 while it has done nothing. */
  readonly times: number;
}

/** Nothing goes through any more, and nobody closes: what a firewall that forgot the connection does. */
export function withholdAll(): Meddling {
  return withhold(() => true);
}

/** A server that is alive, and whose dump thread sends nothing but heartbeats. */
export function withholdEvents(): Meddling {
  return withhold((type) => type !== HEARTBEAT);
}

function withhold(isHeld: (type: number | undefined) => boolean): Meddling {
  const done = {
    times: 0,
    rule: (packet: Buffer): Buffer | null => {
      if (!isHeld(packet[TYPE_AT])) return packet;
      done.times++;
      return null;
    },
  };
  return done;
}

/**
 * The next event of one type is of another type instead, with a checksum that is right: also when it is
 * asked for again.
 */
export function turnInto(type: number, other: number): Meddling {
  let header: Buffer | null = null;
  const done = {
    times: 0,
    rule: (packet: Buffer): Buffer => {
      if (packet[TYPE_AT] !== type) return packet;
      const own = packet.subarray(EVENT_AT, HEADER_END);
      header ??= Buffer.from(own);
      if (!header.equals(own)) return packet;
      done.times++;
      packet[TYPE_AT] = other;
      const end = packet.length - CHECKSUM_BYTES;
      packet.writeUInt32LE(crc32(packet.subarray(EVENT_AT, end)), end);
      return packet;
    },
  };
  return done;
}
