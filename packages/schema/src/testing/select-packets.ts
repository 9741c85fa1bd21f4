import type { Connection as CoreConnection } from 'mysql2';
import type { Connection } from 'mysql2/promise';

import type { ResultField } from '../expected-fields.ts';

export interface Selected {
  readonly fields: readonly ResultField[];
  /** Rows of the binary protocol, as they came. */
  readonly packets: readonly Buffer[];
}

interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}

interface Command {
  buildParserFromFields(fields: readonly ResultField[]): new () => { next(packet: Packet): void };
}

/** The rows of a prepared SELECT, before mysql2 makes anything of them. */
export function selectPackets(connection: Connection, sql: string): Promise<Selected> {
  const packets: Buffer[] = [];
  let seen: readonly ResultField[] = [];
  return new Promise((resolve, reject) => {
    const { connection: core } = connection as unknown as { connection: CoreConnection };
    const command = core.execute(sql, [], (error) => {
      if (error) reject(error);
      else resolve({ fields: seen, packets });
    }) as unknown as Command;
    command.buildParserFromFields = (fields) => {
      seen = fields;
      return class {
        next({ buffer, offset, end }: Packet): void {
          packets.push(Buffer.from(buffer.subarray(offset, end)));
        }
      };
    };
  });
}
