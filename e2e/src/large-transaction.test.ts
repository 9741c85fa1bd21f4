import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';
import { createConnection } from 'mysql2/promise';

import { laps } from './harness/laps.ts';
import { parseDsn, query } from './harness/mysql.ts';
import { peakMemoryBytes } from './harness/peak-memory.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';

/** Few and long rows: the server is done sooner, and what memory depends on is bytes. */
const ROWS = 35_000;
const ROWS_PER_INSERT = 500;
const ROW_BYTES = 60_000;
const LEAST_BYTES = 2_000_000_000;
/** Of the whole process: max_group_bytes and max_queue_bytes are 32 MB each. */
const BOUND_BYTES = 300_000_000;
const ROWS_PER_S = 100;
const PUBLISHED = 'scoreline_capture_rows_published_total';

test(
  'one transaction of 2 GB goes out in parts, in memory that does not grow with it',
  { timeout: 10 * 60_000 },
  async (t) => {
    const pipeline = new Pipeline({ servers: TO_TOPIC });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const dsn = pipeline.need('ADMIN_DSN');
    const capture = pipeline.capture();
    await capture.start();
    await capture.ready();
    const atRest = await peakMemoryBytes(capture.pid);
    const lap = laps((text) => t.diagnostic(text));
    const bytes = await writeAtOnce(dsn);
    lap('written');
    // Not before: the transaction locks the servers that its rows name.
    const traffic = pipeline.traffic(ROWS_PER_S, 1, null);
    t.after(() => traffic.stop().catch(() => {}));
    assert.ok(bytes >= LEAST_BYTES, `${bytes} bytes in the binlog`);
    await until(async () => ((await capture.metric(PUBLISHED)) ?? 0) >= ROWS, {
      what: `${ROWS} rows of one transaction in the topic`,
      timeoutMs: 300_000,
    });
    lap('in the topic');
    const peak = await peakMemoryBytes(capture.pid);
    const megabytes = (size: number): string => `${(size / 1e6).toFixed(0)} MB`;
    t.diagnostic(
      `${ROWS} rows, ${megabytes(bytes)} of binlog: ${megabytes(peak)} at most, ${megabytes(atRest)} before`,
    );
    assert.equal((await capture.metric('scoreline_capture_session_failures_total')) ?? 0, 0);
    await traffic.stop();
    await pipeline.caughtUp(capture);
    assert.equal((await capture.stop()).code, 0, capture.output);
    const { identical, lines } = await pipeline.compareTopic();
    lap('compared');
    for (const line of lines) t.diagnostic(line);
    assert.ok(identical, lines.join('\n'));
    assert.ok(peak < BOUND_BYTES, `${peak} bytes at most, ${BOUND_BYTES} are the bound`);
  },
);

/**
 * Half of the rows in the canonical form, half with text that is no JSON, which take different ways. Resolves to
 * what it takes in the binlog, with what others wrote meanwhile.
 */
async function writeAtOnce(dsn: string): Promise<number> {
  const before = await binlogBytes(dsn);
  const connection = await createConnection(parseDsn(dsn));
  try {
    // It is one commit, and of the rest nothing has to outlive a crash.
    await connection.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    await connection.query('BEGIN');
    // Statement by statement: each holds back everybody else who needs an id.
    for (let from = 1; from <= ROWS; from += ROWS_PER_INSERT) {
      await connection.query(
        `INSERT INTO log_scores (server_id, ts, score, step, attributes)
         SELECT 1 + seq % 400, UTC_TIMESTAMP(), seq / 7e0, 1,
           IF(seq % 2, CONCAT('{"error":"', seq, REPEAT('.', ${ROW_BYTES}), '"}'), REPEAT('.', ${ROW_BYTES}))
         FROM seq_${from}_to_${from + ROWS_PER_INSERT - 1}`,
      );
    }
    await connection.query('COMMIT');
  } finally {
    await connection.end();
  }
  return (await binlogBytes(dsn)) - before;
}

async function binlogBytes(dsn: string): Promise<number> {
  const files = await query<{ File_size: number }>(dsn, 'SHOW BINARY LOGS');
  return files.reduce((sum, { File_size: bytes }) => sum + bytes, 0);
}
