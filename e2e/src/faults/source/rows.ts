/** An INSERT of some rows, which differ from each other. */
export function insertOf(rows: number): string {
  const values = Array.from(
    { length: rows },
    (_, row) => `(1, UTC_TIMESTAMP(), ${row} / 7e0, 1, '{"leap":${row % 3}}')`,
  );
  return `INSERT INTO log_scores (server_id, ts, score, step, attributes) VALUES ${values.join(', ')}`;
}
