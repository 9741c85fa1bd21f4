import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';

import { until } from '@scoreline/testing';

import { logRecord } from '../../harness/log-record.ts';
import { query } from '../../harness/mysql.ts';
import type { Drill, PurgeCase } from '../purge-case.ts';
import type { PurgeScene } from '../scene.ts';
import { names } from '../told.ts';
import { away } from './offsets.ts';

/** With one sink, whose programs of the next release take over in the middle. */
export const VERSIONS: readonly PurgeCase[] = [
  {
    name: 'rows that were declined at the first start are kept, unless the operator says that they may go',
    run: async (scene) => {
      // In the first bucket: the scene's own rows came later, in another one.
      const declined = (await scene.table.deletable()).filter((id) => id < 1_000);
      for (const id of declined) scene.table.kept.add(id);
      await scene.insertLanded(20);
      await scene.goes();
      scene.table.kept.clear();
      for (const id of declined) scene.judge.archivedNowhere.add(id);
      await scene.goes({ purge_declined: 'delete' });
      return `${declined.length} rows`;
    },
  },
  {
    name: 'a record is in quarantine, and an operator releases it',
    told: ['quarantined'],
    cause: async (scene) => {
      await scene.servers.producer.send({
        topic: scene.topic,
        messages: [{ partition: 0, key: '1', value: Buffer.from('{"id":1}') }],
      });
      const ids = await scene.insertLanded(40);
      return `${ids.length} rows behind it`;
    },
    mend: async (scene) => {
      await away(scene, 'file');
      const [commit] = await scene.servers.commits(scene.groupOf('file'), scene.topic);
      const { quarantined } = JSON.parse(commit!.metadata!) as { quarantined: { last: string } };
      const sink = scene.sink('file', {
        accept_quarantined: `${scene.topic}:0:${quarantined.last}`,
      });
      await sink.start();
      await sink.ready();
      await until(
        async () => {
          const [now] = await scene.servers.commits(scene.groupOf('file'), scene.topic);
          return !now!.metadata!.includes('quarantined');
        },
        { what: 'the release' },
      );
      await sink.stop();
      await scene.sinkAgain('file');
      await scene.landed();
    },
  },
  {
    name: 'the topic has another version, of which a sink knows nothing yet',
    told: ['offset-missing'],
    cause: async (scene) => {
      await query(scene.table.adminDsn, 'ALTER TABLE log_scores ADD COLUMN jitter double NULL');
      await scene.table.insert(10, { from: await scene.table.nextBucket() });
      await scene.capture.exited();
      await scene.nextRelease('capture');
      await scene.captured();
      return scene.nextTopic;
    },
    mend: async (scene) => {
      await away(scene, 'file');
      await scene.nextRelease('sink-file');
      await scene.landed();
    },
  },
  {
    name: 'a row is changed just before its DELETE: capture stops, and the row stays',
    run: async (scene) => {
      const ids = await scene.insertLanded(20);
      const lock = await scene.lockRow(ids[3]!);
      const running = scene.once();
      const waits = await lock.waitedFor();
      await lock.sql(`UPDATE log_scores SET score = -1 WHERE id = ${ids[3]!}`);
      await lock.commit();
      await lock.release();
      const { code, output } = await running;
      assert.notEqual(code, 0, output);
      const { code: captures } = await scene.capture.exited();
      assert.notEqual(captures, 0, scene.capture.output);
      await scene.table.remember();
      assert.ok((await scene.table.deletable()).includes(ids[3]!), output);
      assert.ok(names(output, 'capture-behind'), output);
      return waits;
    },
  },
];

/** Nothing mends it here. */
export const TOPIC_GONE: readonly PurgeCase[] = [
  {
    name: 'the topic is deleted and made anew',
    told: ['topic-truncated'],
    mend: null,
    cause: async (scene) => {
      await scene.insertLanded(20);
      await scene.capture.stop();
      await away(scene, 'file');
      await remade(scene, scene.topic, 2);
      return scene.topic;
    },
  },
];

/** Nor this. */
export const LEDGER_GONE: readonly Drill[] = [
  {
    name: 'the ledger is deleted and made anew while the purge runs',
    run: async (scene) => {
      await scene.insertLanded(20);
      await writeFile(scene.pauseFile, '');
      const purge = scene.purge();
      await purge.start();
      await until(() => logRecord(purge.output, 'holding back') !== null, { what: 'the pause' });
      const before = await scene.table.ids();
      await remade(scene, scene.ledger, 1);
      await rm(scene.pauseFile);
      await until(() => names(purge.output, 'ledger-changed'), { what: 'the purge to notice' });
      assert.deepEqual(await scene.table.ids(), before, purge.output);
      await purge.kill();
      const { code, output } = await scene.once();
      assert.notEqual(code, 0, output);
      assert.ok(names(output, 'capture-never'), output);
      assert.deepEqual(await scene.table.ids(), before, output);
      return `${before.length} rows stay`;
    },
  },
];

async function remade(scene: PurgeScene, topic: string, partitions: number): Promise<void> {
  await scene.servers.deleteTopic(topic);
  await scene.servers.admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
  });
}
