/** What the archiver sets for its own clean-up, when it is told nothing. */
export const ARCHIVER_BATCH_ROWS = 200_000;
const ARCHIVER_INTERVAL_S = 4 * 60;

/**
 * ntppool/archiver's clean-up: everything below the archive that is furthest behind, a large batch at a time,
 * by number and not by what has landed.
 */
export function archiverStatement(rows: number): string {
  return `DELETE FROM log_scores WHERE id < (SELECT MIN(log_score_id) FROM log_scores_archive_status) ORDER BY id LIMIT ${rows}`;
}

/** As `pt-archiver --purge --primary-key-only --bulk-delete --commit-each --limit 1000` asks for the next ids. */
export const PT_LIMIT = 1_000;

export function ptNextIds(after: number): string {
  return `SELECT id FROM log_scores FORCE INDEX (PRIMARY) WHERE id > ${after} AND ts < UTC_TIMESTAMP() - INTERVAL 15 DAY ORDER BY id LIMIT ${PT_LIMIT}`;
}

export function ptDelete(from: number, to: number): string {
  return `DELETE FROM log_scores WHERE id >= ${from} AND id <= ${to} AND ts < UTC_TIMESTAMP() - INTERVAL 15 DAY LIMIT ${PT_LIMIT}`;
}

/** Rows a second that the archiver's pause allows, whatever a statement takes. */
export function archiverRate(statementSeconds: number): number {
  return ARCHIVER_BATCH_ROWS / Math.max(ARCHIVER_INTERVAL_S, statementSeconds);
}
