/** How the binlog's compressed events are packed, and what is refused of them. */

/** An event is decompressed whole; rows of other tables are not decompressed, or passed over. */
export const MAX_EVENT_BYTES = 64 * 1024 * 1024;
/** A compressed transaction is one event, which the connection holds whole, for a moment twice. */
export const MAX_PAYLOAD_BYTES = 128 * 1024 * 1024;
/** What zstd may look back on, and so must be held. Only its levels above 20 look further. */
export const MAX_WINDOW_BYTES = 32 * 1024 * 1024;

const PLAINLY =
  'with log_bin_compress = OFF (MySQL: SET SESSION binlog_transaction_compression = OFF)';

/** Compressed bytes that cannot be read. Whoever knows the position adds it. */
export class CompressionError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.name = 'CompressionError';
    this.code = code;
    this.remedy = remedy;
  }

  static damaged(what: string): CompressionError {
    return new CompressionError(
      'binlog-damaged',
      `what is compressed in it cannot be restored: ${what}`,
      'Keep the binlog file, and see what mysqlbinlog says of it at this position. If it reads it, report this.',
    );
  }

  static tooLarge(what: string, bytes: number, limit: number): CompressionError {
    return new CompressionError(
      'event-too-large',
      `${what} of ${bytes} bytes; not more than ${limit} can be read of what is compressed`,
      `Write it in smaller transactions, or ${PLAINLY}, and start a new ledger after it.`,
    );
  }
}
