import { RowError } from '@scoreline/schema';
import { PermanentError, ScorelineError } from '@scoreline/service';

import { type BinlogCursor, CursorError } from './binlog-cursor.ts';
import { GtidsDiverge } from './captured-groups.ts';
import { CompressionError } from './compression.ts';
import { refusalOf } from './event-codes.ts';
import { LayoutError } from './event-layout.ts';
import { GroupError } from './group-rules.ts';

const NEW_LEDGER =
  'then start a new ledger (another topic_prefix): what is written stays unreadable.';

/** Something in the binlog that cannot be captured. Where it stands is added by `located`. */
export class ReaderError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.name = 'ReaderError';
    this.code = code;
    this.remedy = remedy;
  }

  static refused(type: number): ReaderError {
    const { why, remedy } = refusalOf(type);
    return new ReaderError(
      'binlog-event',
      `such an event (code ${type}) cannot be captured: ${why}`,
      remedy,
    );
  }

  static misplaced(): ReaderError {
    return new ReaderError(
      'binlog-doubt',
      'such an event has no place in a compressed transaction',
      'Upgrade Scoreline to a release that knows this server version.',
    );
  }

  static partialImage(): ReaderError {
    return new ReaderError(
      'row-image',
      'a row of the captured table is written without all of its columns',
      `Set binlog_row_image=FULL, for sessions too, ${NEW_LEDGER}`,
    );
  }

  static unknownTable(tableId: number): ReaderError {
    return new ReaderError(
      'binlog-doubt',
      `rows of table id ${tableId}, for which no table map came in this group`,
      'Compare the binlog with mysqlbinlog at this position.',
    );
  }

  static statementFormat(): ReaderError {
    return new ReaderError(
      'statement-format',
      'a statement that may write the captured table is logged as text, without its rows',
      `Set binlog_format=ROW, for sessions too, ${NEW_LEDGER}`,
    );
  }

  static taggedGtid(): ReaderError {
    return new ReaderError(
      'binlog-doubt',
      'a tagged GTID that cannot be read',
      'Upgrade Scoreline to a release that knows this server version.',
    );
  }
}

/** Says at which event it happened, and that going on would be a guess. */
export function located(error: unknown, name: string, cursor: BinlogCursor): Error {
  const where = `${name} at ${cursor.file}:${cursor.start}`;
  if (error instanceof ScorelineError) {
    if (error.message.includes(`${cursor.file}:`)) return error;
    return new PermanentError(`${where}: ${error.message}`, {
      code: error.code,
      remedy: error.remedy,
      cause: error.cause,
    });
  }
  const { code, remedy } = describe(error);
  const message = error instanceof Error ? error.message : String(error);
  return new PermanentError(`${where}: ${message}`, { code, remedy, cause: error });
}

function describe(error: unknown): { code: string; remedy: string } {
  if (error instanceof GroupError || error instanceof ReaderError) return error;
  if (error instanceof CompressionError) return error;
  if (error instanceof GtidsDiverge) {
    return {
      code: 'source-diverged',
      remedy:
        'The servers have had different transactions: find out with mysqlbinlog which of them are right. To go on here all the same, where the newest rows of topic and table agree, set accept_new_source to the server_uuid (MariaDB: <server_id>-<gtid_domain_id>) of this server.',
    };
  }
  if (error instanceof RowError) {
    return {
      code: 'row-unreadable',
      remedy:
        'Correct or delete the row in the table if it must not be there, and start a new ledger after it; or start a release that can read it.',
    };
  }
  if (error instanceof LayoutError) {
    return {
      code: 'binlog-checksum-off',
      remedy: `SET GLOBAL binlog_checksum = CRC32, ${NEW_LEDGER}`,
    };
  }
  if (error instanceof CursorError) {
    return {
      code: 'binlog-doubt',
      remedy: 'Compare the binlog with mysqlbinlog at this position.',
    };
  }
  return {
    code: 'binlog-unreadable',
    remedy: 'Keep the binlog file, and report this: an event was not laid out as expected.',
  };
}
