import type { Connection as DriverConnection, FieldPacket } from 'mysql2';
import type { Connection } from 'mysql2/promise';

export interface RowHandlers {
  /** The result's columns, before its first row. */
  readonly fields: (fields: readonly FieldPacket[]) => void;
  /**
   * A row as the binary protocol has it, in `packet[at..end]`. Good only until it returns. False: no
   * more of them, though the server sends the rest.
   */
  readonly row: (packet: Buffer, at: number, end: number) => boolean;
}

/**
 * Runs a SELECT and hands over each row as it comes from the network, with nothing decoded: the
 * driver's own decoders make objects of rows, and text of numbers. It is prepared for this one time,
 * which the binary protocol needs, and nothing is kept of its rows. Resolves when all have come.
 *
 * @throws what a handler threw, when the rest of the rows has gone by, or the server's error.
 */
export function selectBinary(
  connection: Connection,
  sql: string,
  { fields, row }: RowHandlers,
): Promise<void> {
  const { connection: driver } = connection as unknown as { connection: DriverConnection };
  return new Promise((resolve, reject) => {
    let wanted = true;
    let failure: { readonly error: unknown } | null = null;
    // The driver would take an error for the result's end, and the rows behind it for nonsense.
    const guarded = (work: () => boolean): void => {
      if (!wanted) return;
      try {
        wanted = work();
      } catch (error) {
        wanted = false;
        failure = { error };
      }
    };
    const command = driver.execute(sql, (error: Error | null) => {
      driver.unprepare(sql);
      if (error) reject(error);
      else if (failure) reject(failure.error);
      else resolve();
    }) as unknown as ExecuteCommand;
    command.buildParserFromFields = (columns) => {
      guarded(() => {
        fields(columns);
        return true;
      });
      return class {
        next({ buffer, offset, end }: Packet): void {
          guarded(() => row(buffer, offset, end));
        }
      };
    };
  });
}

/** What mysql2's prepared statement asks for a class that reads its result's rows. */
interface ExecuteCommand {
  buildParserFromFields: (
    columns: readonly FieldPacket[],
  ) => new () => { next(packet: Packet): void };
}

/** What mysql2 hands over: the payload is `buffer[offset..end]`. One object, used again. */
interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}
