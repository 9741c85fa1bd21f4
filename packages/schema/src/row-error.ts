/** A value that LogScore cannot hold. Whoever knows the binlog position adds it. */
export class RowError extends Error {
  override readonly name = 'RowError';
  readonly column: string;
  /** As decimal text, since it may be the id that is too large; null when the row was not read so far. */
  readonly id: string | null;

  constructor(column: string, id: string | null, message: string) {
    super(`row ${id ?? '(unknown id)'}, column ${column}: ${message}`);
    this.column = column;
    this.id = id;
  }
}
