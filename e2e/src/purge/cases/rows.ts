import assert from 'node:assert/strict';

import { type LedgerState, readLedgerSnapshot } from '@scoreline/ledger';
import { until } from '@scoreline/testing';
import { createConnection } from 'mysql2/promise';

import { parseDsn, query } from '../../harness/mysql.ts';
import type { Drill } from '../purge-case.ts';
import type { PurgeScene } from '../scene.ts';
import { EXCLUDED } from '../source-rows.ts';
import { names } from '../told.ts';

/** Which rows go is decided row by row, by their ids; and once more when the chunk is deleted. */
export const ROWS: readonly Drill[] = [
  {
    name: 'rows that the binlog never had are kept, asked for, captured, and purged then',
    onEachServer: true,
    run: async (scene) => {
      const others = await scene.insertLanded(20);
      const unlogged = await scene.table.insert(5, { from: others.at(-1)! + 10, unlogged: true });
      await left(scene, unlogged, await scene.once());
      return `${unlogged.length} rows; ${await asked(scene, unlogged)}`;
    },
  },
  {
    name: 'a row is inserted between the proof of its neighbours and their DELETE',
    run: async (scene) => {
      const from = await scene.table.nextBucket();
      const below = await scene.table.insert(10, { from });
      await scene.insertLanded(10, { from: from + 11 });
      const lock = await scene.lockRow(below[0]!);
      const running = scene.once();
      const waits = await lock.waitedFor();
      const between = await scene.table.insert(1, { from: from + 10, unlogged: true });
      await lock.release();
      await left(scene, between, await running);
      await asked(scene, between);
      return waits;
    },
  },
  {
    name: 'a transaction commits ids below what is purged already',
    run: async (scene) => {
      const from = await scene.table.nextBucket();
      const session = await createConnection(parseDsn(scene.table.adminDsn));
      const late = [from, from + 1, from + 2];
      await session.query('BEGIN');
      for (const id of late)
        await session.query(
          `INSERT INTO log_scores (id, server_id, ts) VALUES (${id}, 1, '2020-01-01')`,
        );
      const above = await scene.insertLanded(20, { from: from + 100 });
      await scene.goes();
      await session.query('COMMIT');
      await session.end();
      await scene.table.remember();
      await scene.landed();
      await scene.goes();
      return `${late.length} ids below ${above[0]}`;
    },
  },
  {
    name: 'rows that another table refers to are kept, also when it comes to refer to them at the last moment',
    onEachServer: true,
    run: async (scene) => {
      const ids = await scene.insertLanded(20);
      const [first, early, last] = [ids[0]!, ids[4]!, ids[9]!];
      await refer(scene, early);
      const lock = await scene.lockRow(first);
      const running = scene.once();
      await lock.waitedFor();
      await refer(scene, last);
      await lock.release();
      await running;
      await scene.goes();
      assert.deepEqual(
        ids.filter((id) => id === early || id === last),
        (await scene.table.ids()).filter((id) => ids.includes(id)),
      );
      await query(scene.table.adminDsn, 'DELETE FROM scorer_status');
      await scene.goes();
      return `${early} and ${last}`;
    },
  },
  {
    name: 'rows that were excluded are kept, unless the operator says that they may go',
    run: async (scene) => {
      const others = await scene.insertLanded(20);
      const excluded = await scene.insertLanded(10, {
        from: others.at(-1)! + 10,
        attributes: EXCLUDED,
      });
      for (const id of excluded) scene.table.kept.add(id);
      await scene.goes();
      scene.table.kept.clear();
      for (const id of excluded) scene.judge.archivedNowhere.add(id);
      await scene.goes({ purge_excluded: 'delete' });
      return `${excluded.length} rows`;
    },
  },
  {
    name: 'rows that are not old enough are kept, whatever the clock of the host says',
    run: async (scene) => {
      // Half an hour short of it. Brokers take nothing from a clock that is ahead by more than an hour.
      const young = await scene.insertLanded(10, { ageDays: 15 - 0.5 / 24 });
      const old = await scene.table.insert(10, { ageDays: 15.1, from: young.at(-1)! + 10 });
      await scene.landed();
      await scene.goes(clockAhead(0.9));
      await scene.insertLanded(10);
      await scene.goes(clockAhead(-60 * 24));
      return `${young.length} are about 15 days old, ${old.length} were a bit more`;
    },
  },
  {
    name: 'those who read log_scores_archive_status are told how far each archive is, and every other row goes',
    run: async (scene) => {
      await scene.insertLanded(10, { ageDays: 1 });
      await scene.insertLanded(20);
      const { code, output } = await scene.once({ archive_status: 'true' });
      assert.equal(code, 0, output);
      const told = await query<{ archiver: string; id: number }>(
        scene.table.adminDsn,
        'SELECT archiver, log_score_id AS id FROM log_scores_archive_status ORDER BY archiver',
      );
      assert.deepEqual(
        told.map(({ archiver }) => archiver),
        scene.active.map((name) => `scoreline-${name}`).toSorted(),
      );
      const named = told.map(({ id }) => id);
      const old = await scene.table.deletable();
      assert.ok(
        old.every((id) => named.includes(id)),
        `${old.join()} are left, and named are ${named.join()}`,
      );
      await query(scene.table.adminDsn, 'DELETE FROM log_scores_archive_status');
      await scene.goes();
      return `at ${named.join(' and ')}`;
    },
  },
];

/** `--once` has left them, and said that something waits; no archive has lost a row. */
async function left(
  scene: PurgeScene,
  ids: readonly number[],
  { code, output }: { readonly code: number; readonly output: string },
): Promise<void> {
  assert.deepEqual(await scene.table.deletable(), ids, output);
  assert.equal(code, 1, output);
  assert.ok(names(output, 'not-captured'), output);
  await scene.check();
}

/** Capture was asked to look for them; it does at its next start at the latest, and then they go. */
async function asked(scene: PurgeScene, ids: readonly number[]): Promise<string> {
  const { request } = await ledgerOf(scene);
  assert.ok(request, 'nobody has asked for them');
  assert.ok(request.from <= ids[0]! && request.to >= ids.at(-1)!, JSON.stringify(request));
  await scene.capture.stop();
  await scene.captureAgain();
  await until(
    async () => {
      const { captured } = await ledgerOf(scene);
      return ids.every((id) => captured.has(id));
    },
    { what: 'the rows in the ledger', everyMs: 250 },
  );
  await scene.landed();
  await scene.goes();
  return `capture was asked for ${request.from} to ${request.to}`;
}

function ledgerOf({ servers, ledger }: PurgeScene): Promise<LedgerState> {
  const signal = AbortSignal.timeout(20_000);
  return readLedgerSnapshot(servers.kafka, ledger, { signal });
}

async function refer(scene: PurgeScene, id: number): Promise<void> {
  await query(
    scene.table.adminDsn,
    `INSERT INTO scorer_status (scorer_id, log_score_id) VALUES (1, ${id})`,
  );
}

/** Node's environment for a process that believes it is another time. */
function clockAhead(hours: number): Readonly<Record<string, string>> {
  const program = `
    const now = Date.now;
    const other = () => now() + ${hours} * 3_600_000;
    globalThis.Date = class extends Date {
      constructor(...given) { if (given.length === 0) super(other()); else super(...given); }
      static now() { return other(); }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
}
