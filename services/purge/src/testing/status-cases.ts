import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { Pool, type Source } from '@scoreline/database';
import { BUCKET_IDS, CapturedIds, type RosterSink } from '@scoreline/ledger';
import { uniqueName } from '@scoreline/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { ArchiveStatus } from '../archive-status/archive-status.ts';
import { PurgeSource, type SqlServerName } from '../source/testing/purge-source.ts';
import { activeSink, evidenceOf, landed } from './proofs.ts';

/** As the NTP Pool has it. */
const STATUS = `CREATE TABLE log_scores_archive_status (
  id int unsigned NOT NULL AUTO_INCREMENT, archiver varchar(255) NOT NULL, log_score_id bigint unsigned DEFAULT NULL,
  modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY archiver (archiver), KEY log_score_id (log_score_id),
  CONSTRAINT log_score_id FOREIGN KEY (log_score_id) REFERENCES log_scores (id)) ENGINE=InnoDB`;

const SIGNAL = AbortSignal.timeout(60_000);
const DAY_MS = 24 * 3_600_000;

interface World {
  readonly admin: Connection;
  readonly later: (ms: number) => void;
  readonly source: Source;
  readonly insert: (...ids: number[]) => Promise<void>;
  /** What the table says of whom. */
  readonly rows: () => Promise<Record<string, number | null>>;
  /** The same ids captured, and landed up to a bucket by each sink. */
  readonly keep: (ids: readonly number[], sinks: Readonly<Record<string, number>>) => Promise<void>;
  readonly codes: () => Promise<string[]>;
  /** Runs when the test is over, before the administrator leaves. */
  readonly cleanUp: (work: () => Promise<unknown>) => void;
}

/** What log_scores_archive_status says, and whom it stops: the same on both servers. */
export function archiveStatusCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(
    on('each active sink has a row, below what it has not landed, that moves forward'),
    async (t) => {
      const world = await setUp(t, server, STATUS);
      if (world === null) return;
      const { insert, keep, rows, admin } = world;
      const ids = [3, 5, BUCKET_IDS + 1, BUCKET_IDS + 4, 2 * BUCKET_IDS];
      await insert(...ids);
      await keep(ids, { a: 1, b: 2, none: 0 });
      assert.deepEqual(await rows(), { 'scoreline-a': 5, 'scoreline-b': BUCKET_IDS + 4 });

      // What is in MySQL and not in the ledger holds it back, and an offset that went back does not take it back.
      await insert(3 * BUCKET_IDS, 3 * BUCKET_IDS + 1);
      await keep([...ids, 3 * BUCKET_IDS + 1], { a: 4, b: 1 });
      assert.deepEqual(await rows(), {
        'scoreline-a': 2 * BUCKET_IDS,
        'scoreline-b': BUCKET_IDS + 4,
      });

      // The row that is referred to can be deleted when its sink has moved on.
      const forget = () => admin.query(`DELETE FROM log_scores WHERE id = ${BUCKET_IDS + 4}`);
      await assert.rejects(forget(), /foreign key/i);
      await keep([...ids, 3 * BUCKET_IDS, 3 * BUCKET_IDS + 1], { a: 4, b: 4 });
      await forget();
      assert.deepEqual(await rows(), {
        'scoreline-a': 3 * BUCKET_IDS + 1,
        'scoreline-b': 3 * BUCKET_IDS + 1,
      });

      // A sink that is active no longer says nothing more, and keeps no row from being deleted.
      await keep(ids, { b: 4 });
      assert.deepEqual(Object.keys(await rows()), ['scoreline-b']);
    },
  );

  test(on('more ids than are walked at a time'), async (t) => {
    const world = await setUp(t, server, STATUS);
    if (world === null) return;
    await world.admin.query(
      `INSERT INTO log_scores (id) SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n FROM ${['a', 'b', 'c', 'd', 'e'].map((name) => `(SELECT 0 AS n ${Array.from({ length: name === 'e' ? 3 : 9 }, (_, i) => `UNION ALL SELECT ${i + 1}`).join(' ')}) AS ${name}`).join(', ')}`,
    );
    const all = Array.from({ length: 40_000 }, (_, i) => i + 1);
    await world.keep(all.slice(0, 16_384), { a: 1 });
    assert.deepEqual(await world.rows(), { 'scoreline-a': 16_384 });
    await world.keep(all.slice(0, 39_999), { a: 1 });
    assert.deepEqual(await world.rows(), { 'scoreline-a': 39_999 });
  });

  test(on('an id that is a plain int'), async (t) => {
    const world = await setUp(t, server, STATUS, 'int unsigned');
    if (world === null) return;
    await world.insert(3, 4, 4_294_967_295);
    await world.keep([3, 4], { a: 1 });
    assert.deepEqual(await world.rows(), { 'scoreline-a': 4 });
  });

  test(
    on("other archivers' rows stay as they are, and stop a purge while they move"),
    async (t) => {
      const world = await setUp(t, server, STATUS);
      if (world === null) return;
      const { admin, codes, insert, keep, rows, later } = world;
      await insert(1, 2, 3);
      await admin.query(
        "INSERT INTO log_scores_archive_status (archiver, log_score_id) VALUES ('clickhouse', 1), ('cleanup', NULL)",
      );
      assert.deepEqual(await codes(), ['wait archiver-active', 'wait archiver-active']);
      await admin.query(
        'UPDATE log_scores_archive_status SET modified_on = NOW() - INTERVAL 11 MINUTE',
      );
      assert.deepEqual(await codes(), []);
      await keep([1, 2, 3], { a: 1 });
      assert.deepEqual(await rows(), { cleanup: null, clickhouse: 1, 'scoreline-a': 3 });
      assert.deepEqual(await codes(), [], 'rows of ours do not stop ourselves');

      await admin.query(
        "UPDATE log_scores_archive_status SET log_score_id = 2 WHERE archiver = 'clickhouse'",
      );
      assert.deepEqual(await codes(), ['refuse archiver-active']);
      await admin.query(
        "UPDATE log_scores_archive_status SET modified_on = NOW() - INTERVAL 1 DAY WHERE archiver = 'clickhouse'",
      );
      assert.deepEqual(await codes(), ['refuse archiver-active'], 'it was seen to move');
      later(DAY_MS);
      assert.deepEqual(await codes(), []);
    },
  );

  test(on('a table without a time that can be trusted is watched'), async (t) => {
    for (const column of [
      '',
      'modified_on datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,',
      'modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,',
    ]) {
      const world = await setUp(t, server, STATUS.replace(/modified_on .*,\n/, `${column}\n`));
      if (world === null) return;
      await world.insert(1);
      await world.admin.query(
        `INSERT INTO log_scores_archive_status (archiver, log_score_id${column && ', modified_on'}) VALUES ('bigquery', 1${column && ", '2020-01-01'"})`,
      );
      assert.deepEqual(await world.codes(), ['wait archiver-active']);
      world.later(DAY_MS);
      assert.deepEqual(await world.codes(), []);
    }
  });

  test(on('without the table, or with one of another table, there is nothing to do'), async (t) => {
    const world = await setUp(t, server, null);
    if (world === null) return;
    const { admin, insert, keep, codes, rows } = world;
    await insert(1);
    assert.deepEqual(await codes(), []);
    await keep([1], { a: 1 });
    await admin.query('CREATE TABLE other LIKE log_scores');
    await admin.query(STATUS.replace('REFERENCES log_scores', 'REFERENCES other'));
    await admin.query("INSERT INTO log_scores_archive_status (archiver) VALUES ('clickhouse')");
    assert.deepEqual(await codes(), []);
    await keep([1], { a: 1 });
    assert.deepEqual(await rows(), { clickhouse: null });
    // Whoever has taken the key away may still mean log_scores.
    await admin.query('ALTER TABLE log_scores_archive_status DROP FOREIGN KEY log_score_id');
    assert.deepEqual(await codes(), ['wait archiver-active']);
  });

  test(on('a table that may not be read is not taken for one that is not there'), async (t) => {
    const world = await setUp(t, server, STATUS);
    if (world === null) return;
    const { admin, source, insert, cleanUp } = world;
    const user = uniqueName('u');
    await insert(1);
    await admin.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'p'`);
    cleanUp(() => admin.query(`DROP USER ${user}@'%'`));
    await admin.query(`GRANT SELECT, DELETE ON ${source.database}.log_scores TO ${user}@'%'`);
    const pool = new Pool({ ...source, user, password: 'p' });
    cleanUp(() => pool.end());
    const status = new ArchiveStatus(pool, 'log_scores');
    const [reason] = await status.whyNot(SIGNAL);
    assert.deepEqual([reason?.kind, reason?.code], ['refuse', 'archive-status-unreadable']);
    await admin.query(
      `GRANT SELECT ON ${source.database}.log_scores_archive_status TO ${user}@'%'`,
    );
    assert.deepEqual(await status.whyNot(SIGNAL), []);
    const [known, evidence] = landedBy([1], { a: 1 });
    await assert.rejects(status.keep({ captured: known }, evidence, SIGNAL), {
      code: 'archive-status-denied',
    });
  });
}

async function setUp(
  t: TestContext,
  server: SqlServerName,
  statusTable: string | null,
  idType = 'bigint unsigned',
): Promise<World | null> {
  const own = await PurgeSource.create(t, server, {
    columns: `(id ${idType} NOT NULL AUTO_INCREMENT PRIMARY KEY, ts datetime) ENGINE=InnoDB`,
  });
  if (own === null) return null;
  const { admin, administrator: source } = own;
  if (statusTable !== null) await admin.query(statusTable.replace('bigint unsigned', idType));
  const pool = new Pool(source);
  own.cleanUp(() => pool.end());
  let nowMs = 0;
  const status = new ArchiveStatus(pool, 'log_scores', { now: () => nowMs });
  return {
    admin,
    source,
    cleanUp: (work) => own.cleanUp(work),
    later: (ms) => {
      nowMs += ms;
    },
    insert: async (...ids) => {
      await admin.query(
        `INSERT INTO log_scores (id, ts) VALUES ${ids.map((id) => `(${id}, UTC_TIMESTAMP())`).join(', ')}`,
      );
    },
    rows: async () => {
      const [found] = await admin.query<RowDataPacket[]>(
        'SELECT archiver, log_score_id AS id FROM log_scores_archive_status ORDER BY archiver',
      );
      return Object.fromEntries(
        found.map(({ archiver, id }) => [String(archiver), id === null ? null : Number(id)]),
      );
    },
    keep: (ids, sinks) => {
      const [captured, evidence] = landedBy(ids, sinks);
      return status.keep({ captured }, evidence, SIGNAL);
    },
    codes: async () => (await status.whyNot(SIGNAL)).map(({ kind, code }) => `${kind} ${code}`),
  };
}

/** A bucket's rows are from ten times its number on; a sink has landed so many buckets. */
function landedBy(
  ids: readonly number[],
  sinks: Readonly<Record<string, number>>,
): [CapturedIds, ReturnType<typeof evidenceOf>] {
  const captured = new CapturedIds();
  for (const id of ids) {
    captured.add(id);
    const bucket = Math.floor(id / BUCKET_IDS);
    captured.wrote(bucket, 'log_scores-v1', 0, bucket * 10, bucket * 10 + 10);
  }
  const roster: RosterSink[] = Object.keys(sinks).map((name) => activeSink(name));
  const groups = Object.entries(sinks).map(([name, buckets]) =>
    landed(name, { committed: BigInt(buckets) * 10n, logEnd: 1_000n }),
  );
  return [captured, evidenceOf(roster, groups)];
}
