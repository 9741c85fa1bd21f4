import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { type Database, Databases } from '@scoreline/local';
import { needServer } from '@scoreline/testing';

import { CaptureProcess } from './testing/capture-process.ts';
import { CapturedTopic } from './testing/captured-topic.ts';
import { captureSettings } from './testing/setup.ts';
import { LOG_SCORES } from './testing/source-database.ts';

const servers = new Databases();
after(() => servers.destroy());

test('a server whose data folder is restored to an earlier state stops capture, and no row of it gets out', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (brokers === '' || needServer(t, 'registry') === '' || needServer(t, 'mariadb') === '') return;
  const source = await servers.start({ flavour: 'mariadb' });
  const topic = await CapturedTopic.create(t, brokers);
  const start = (): CaptureProcess => CaptureProcess.start(t, captureSettings(source.dsn, topic));
  await source.run(`CREATE TABLE log_scores ${LOG_SCORES}`);
  const capture = await start().ready();
  await insert(source, 50);
  await topic.read(50);

  await source.stop();
  const backup = await source.snapshot();
  await source.start();
  await insert(source, 50);
  await topic.assertHolds(ids(100));

  await source.stop();
  await source.restore(backup);
  await source.start();
  // Ids 51 to 130, of which 51 to 100 are in the topic with other rows.
  await insert(source, 80);
  assert.equal(await capture.exited(), 1, capture.said);
  assert.equal(capture.failure?.code, 'source-rewound', capture.said);
  const again = start();
  assert.equal(await again.exited(), 1, again.said);
  assert.equal(again.failure?.code, 'source-rewound', again.said);
  await topic.assertHolds(ids(100));
});

async function insert(source: Database, rows: number): Promise<void> {
  await source.run(
    `INSERT INTO log_scores (server_id, ts) SELECT seq, '2025-11-21 12:00:00' FROM seq_1_to_${rows}`,
  );
}

function ids(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
