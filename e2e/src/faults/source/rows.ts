/** An INSERT of some rows that differ from each other, with `padding` more characters in each. */
export function insertOf(rows: number, padding = 0): string {
  const more = padding === 0 ? '' : `,"padding":"${'.'.repeat(padding)}"`;
  const values = Array.from(
    { length: rows },
    (_, row) => `(1, UTC_TIMESTAMP(), ${row} / 7e0, 1, '{"leap":${row % 3}${more}}')`,
  );
  return `INSERT INTO log_scores (server_id, ts, score, step, attributes) VALUES ${values.join(', ')}`;
}
