import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { Servers } from './bad-input/servers.ts';
import type { ArchiverName } from './cut-over/archiver.ts';
import { CutOverScene } from './cut-over/cut-over-scene.ts';

/** Ids of a transaction that commits when the archiver is past them. */
const LATE = { from: 1_101, count: 10 };
/** The archiver's rows of log_scores_archive_status, and the sinks that take their places. */
const PLACES = { clickhouse: 'clickhouse', fileavro: 'file' } as const;
/** Of the purge as it is by default: it writes rows of its own beside them. */
const KEEPS_STATUS = { archive_status: 'true' };

test(
  'the cut-over from ntppool/archiver: no row is lost or doubled, on the way there and on the way back',
  { timeout: 180_000 },
  async (t) => {
    const servers = new Servers();
    let scene: CutOverScene | undefined;
    t.after(async () => {
      await scene?.archiver.stop();
      await scene?.purge.end();
      await servers.destroy();
    });
    await servers.start();
    scene = new CutOverScene(servers);
    await scene.purge.create();
    await archiverHasRun(scene);
    await scene.capture();
    await scene.takeOver('clickhouse');
    await scene.takeOver('file');
    await scene.checkWhole();

    await refusedBesideTheArchiver(scene);
    await purged(scene);
    await archiverIsKeptOut(scene);
    await backAgain(scene);
  },
);

/** Both archives lack what committed late and what came last, one of them more. */
async function archiverHasRun(scene: CutOverScene): Promise<void> {
  const { archiver } = scene;
  await archiver.create();
  await archiver.start();
  await scene.insert(1_001, 100, { ageDays: 40 });
  await scene.insert(1_111, 190, { ageDays: 30 });
  await scene.sql('UPDATE log_scores SET monitor_id = NULL WHERE id % 7 = 0');
  await scene.remember();
  await archiver.archive('fileavro', 1_150);
  await archiver.archive('fileavro', 1_250);
  await archiver.archive('clickhouse', 1_300);
  await scene.insert(LATE.from, LATE.count, { ageDays: 40 });
  await scene.insert(1_301, 100, { ageDays: 20 });
  await scene.insert(1_401, 50, { ageDays: 1 });
}

/** All is proven. While its clean-up goes on, and when it has ended just now, nothing is deleted all the same. */
async function refusedBesideTheArchiver({ purge, archiver }: CutOverScene): Promise<void> {
  await purge.promote('clickhouse');
  await purge.promote('file');
  const ids = await purge.table.ids();
  const explained = await purge.explain();
  assert.ok(explained.codes.includes('archiver-active'), explained.output);
  const beside = await purge.once(KEEPS_STATUS);
  assert.equal(beside.code, 1, beside.output);
  assert.match(beside.output, /locks-held/);
  await archiver.stop();
  const after = await purge.once(KEEPS_STATUS);
  assert.equal(after.code, 1, after.output);
  assert.match(after.output, /archiver-active/);
  assert.deepEqual(await purge.table.ids(), ids);
}

/** It has been gone for long: what is old goes, but the rows that its own rows refer to. */
async function purged(scene: CutOverScene): Promise<void> {
  const { purge } = scene;
  await scene.daysPass();
  const { theirs } = await statusOf(scene);
  const referred = theirs.flatMap(({ id }) => (id === null ? [] : [id]));
  assert.equal(referred.length, 2);
  for (const id of referred) purge.table.kept.add(id);
  const deletable = await purge.table.deletable();
  assert.equal(deletable.length, 398);
  const explained = await purge.explain();
  assert.equal(explained.code, 0, explained.output);
  const { code, output } = await purge.once(KEEPS_STATUS);
  assert.equal(code, 0, output);
  const recorded = await scene.check();
  assert.deepEqual(
    recorded.toSorted((a, b) => a - b),
    deletable,
    output,
  );
  const { theirs: still, ours } = await statusOf(scene);
  assert.deepEqual(still, theirs);
  assert.deepEqual(ours, { 'scoreline-clickhouse': 1_450, 'scoreline-file': 1_450 });
}

/** While the purge runs, the archiver cannot. */
async function archiverIsKeptOut({ purge, archiver }: CutOverScene): Promise<void> {
  const service = purge.purge(KEEPS_STATUS);
  await service.start();
  await until(async () => (await service.metric('scoreline_purge_leader')) === 1, {
    what: 'the purge to lead',
  });
  await assert.rejects(archiver.start(), /has the lock of the archiver/);
  assert.equal((await service.stop()).code, 0, service.output);
}

/** As the page on the archiver has it: set behind what the sinks have landed, it archives what comes after. */
async function backAgain(scene: CutOverScene): Promise<void> {
  const { purge, archiver } = scene;
  await scene.insert(1_451, 20, { ageDays: 1 });
  await purge.landed();
  const { code, output } = await purge.once(KEEPS_STATUS);
  assert.equal(code, 0, output);
  await scene.stop();
  const { ours } = await statusOf(scene);
  for (const [name, sink] of Object.entries(PLACES)) {
    const last = ours[`scoreline-${sink}`];
    assert.equal(last, 1_470);
    await scene.sql(
      `UPDATE log_scores_archive_status SET log_score_id = ${last} WHERE archiver = '${name}'`,
    );
  }
  await scene.sql("DELETE FROM log_scores_archive_status WHERE archiver LIKE 'scoreline-%'");
  await archiver.start();
  await scene.insert(1_471, 30, { ageDays: 20 });
  await scene.insert(1_501, 10, { ageDays: 1 });
  for (const name of Object.keys(PLACES) as ArchiverName[])
    assert.equal(await archiver.archive(name, 1_510), 40);
  const cleaned = await archiver.cleanUp();
  // And the two that its rows no longer refer to.
  assert.equal(cleaned.length, 32);
  await scene.check(cleaned);
  await scene.checkWhole();
}

async function statusOf({ archiver }: CutOverScene) {
  const rows = await archiver.statusRows();
  const isOurs = (name: string): boolean => name.startsWith('scoreline-');
  return {
    theirs: rows.filter((row) => !isOurs(row.archiver)),
    ours: Object.fromEntries(
      rows.filter((row) => isOurs(row.archiver)).map((row) => [row.archiver, row.id]),
    ),
  };
}
