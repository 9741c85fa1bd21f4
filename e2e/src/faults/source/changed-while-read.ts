import { bucketOf } from '@scoreline/ledger';

import { type ReconcileProgress, reconcileOf, reconciling } from '../../harness/reconcile.ts';
import type { Scene } from '../scene.ts';
import { insertOf } from './rows.ts';

/** Rows deleted on each side of the scan. */
const DELETED = 500;

/**
 * While the table is read beside the stream, rows are deleted that were read already, rows that were not
 * yet, and rows that the stream has just brought. But for the second, all must be in the topic, once.
 */
export async function changedWhileRead(scene: Scene): Promise<string> {
  await reconciling(scene.capture, 4 * DELETED);
  await scene.sql('CREATE TABLE gone LIKE log_scores');
  scene.onEnd(() => scene.sql('INSERT INTO log_scores SELECT * FROM gone'));
  await take(scene, `ORDER BY id LIMIT ${DELETED}`);
  const ahead = await takeAhead(scene);
  await scene.load.end();
  await scene.sql(insertOf(200));
  await take(scene, 'ORDER BY id DESC LIMIT 150');
  const { published } = await progressOf(scene);
  return `with ${published} rows read, ${DELETED} of them deleted, ${DELETED} from ${ahead} on, and 150 new ones`;
}

/** Deletes rows, and keeps them for the comparison. */
async function take(scene: Scene, which: string): Promise<void> {
  await scene.sql(
    `INSERT INTO gone SELECT * FROM log_scores ${which}`,
    'DELETE FROM log_scores WHERE id IN (SELECT id FROM gone)',
  );
}

/** Deletes the last rows that are to be read. Resolves to the least id of them. */
async function takeAhead(scene: Scene): Promise<number> {
  const { toId } = await progressOf(scene);
  const last = `log_scores WHERE id <= ${toId} ORDER BY id DESC LIMIT ${DELETED}`;
  const [row] = await scene.sql(`SELECT MIN(id) AS id FROM (SELECT id FROM ${last}) AS last`);
  await scene.sql(`DELETE FROM ${last}`);
  const least = Number(row!['id']);
  const { nextId } = await progressOf(scene);
  if (bucketOf(nextId) >= bucketOf(least)) throw new Error(`${least} was read before it was gone`);
  return least;
}

async function progressOf(scene: Scene): Promise<ReconcileProgress> {
  const progress = await reconcileOf(scene.capture);
  if (progress === null) throw new Error('the table is read already');
  return progress;
}
