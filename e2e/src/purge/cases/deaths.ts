import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';

import { type Judgement, KafkaProxy, type KafkaRequest, until } from '@scoreline/testing';

import { killLockHolder } from '../../harness/kill-sessions.ts';
import type { Service } from '../../harness/service.ts';
import { serviceTells } from '../answers.ts';
import type { Drill } from '../purge-case.ts';
import { purgeRecords } from '../purge-records.ts';
import type { PurgeScene } from '../scene.ts';

/** What commits a record of the purge: each has a transaction of its own. */
const END_TXN = 26;

/** Killed between any two steps of a chunk, by two at once, without its lock: it goes on, and every row has one record. */
export const DEATHS: readonly Drill[] = [
  {
    name: 'it is killed when its intent is written, and its DELETE waits for a lock',
    onEachServer: true,
    run: async (scene) => {
      const ids = await scene.insertLanded(250);
      const purge = scene.purge();
      const lock = await scene.lockRow(ids[0]!);
      await purge.start();
      const waits = await lock.waitedFor();
      await purge.kill();
      await lock.release();
      assert.deepEqual(
        await scene.table.deletable(),
        ids,
        'the DELETE of a dead purge was committed',
      );
      await scene.goes();
      return waits;
    },
  },
  killedAtRecord('the answer to its intent is lost', 1, 'lose-answer'),
  killedAtRecord('its intent does not get through', 1, 'withhold'),
  killedAtRecord('it has committed, and the record of it does not get through', 2, 'withhold'),
  killedAtRecord('the answer to the record of what it has committed is lost', 2, 'lose-answer'),
  {
    name: 'the session that holds its lock is killed, and another purge stands by',
    onEachServer: true,
    run: async (scene) => {
      const ids = await scene.insertLanded(600);
      const lock = await scene.lockRow(ids[300]!);
      const both = [scene.purge(), scene.purge()] as const;
      for (const purge of both) await purge.start();
      await lock.waitedFor();
      const killed = await killLockHolder(
        scene.table.adminDsn,
        `${scene.prefix}scoreline-purge-log_scores`,
      );
      await lock.release();
      await until(async () => (await scene.table.deletable()).length === 0, {
        what: 'the rows gone',
      });
      for (const purge of both) await stopped(purge);
      return `session ${killed}`;
    },
  },
  {
    name: 'another purge is at work',
    run: async (scene) => {
      const ids = await scene.insertLanded(20);
      const lock = await scene.lockRow(ids[0]!);
      const first = scene.purge();
      await first.start();
      await lock.waitedFor();
      await serviceTells(scene.purge(), ['locks-held']);
      assert.deepEqual(await scene.table.deletable(), ids);
      await lock.release();
      await until(async () => (await scene.table.deletable()).length === 0, {
        what: 'the rows gone',
      });
      await stopped(first);
      return `${ids.length} rows went when it could`;
    },
  },
];

/** With a service that runs all the time. */
export const SERVICE: readonly Drill[] = [
  {
    name: 'rows come, and purge, sinks and capture are killed in turn',
    run: async (scene) => {
      const purge = scene.purge();
      const { sinks, capture, table, pauseFile } = scene;
      const victims = [purge, sinks.get('file')!, capture, sinks.get('clickhouse')!, purge];
      await purge.start();
      for (const victim of victims) {
        // A row that is gone before it was looked at would have come from nowhere.
        await writeFile(pauseFile, '');
        await table.insert(300);
        await rm(pauseFile);
        await victim.kill();
        await victim.start();
      }
      await until(async () => (await table.deletable()).length === 0, {
        what: 'the rows gone',
      }).catch((cause: unknown) => {
        throw new Error(`${String(cause)}\n${purge.output}`, { cause });
      });
      for (const victim of victims) await victim.ready();
      await stopped(purge);
      return victims.map(({ name }) => name).join(', ');
    },
  },
];

/** The first record of a chunk is its intent, the second says that it is done. */
function killedAtRecord(name: string, record: 1 | 2, judgement: Judgement): Drill {
  return {
    name: `${name}, and it is killed`,
    run: async (scene) => {
      const ids = await scene.insertLanded(250);
      const before = await records(scene);
      const proxy = await KafkaProxy.create(scene.servers.endpoint('KAFKA_BROKERS'));
      try {
        let seen = 0;
        proxy.judge = (request) =>
          commitsRecord(scene, request) && ++seen === record ? judgement : 'pass';
        const purge = scene.purge({ kafka_brokers: proxy.address });
        await purge.start();
        await until(() => seen >= record, { what: `record ${record}` }).catch((cause: unknown) => {
          throw new Error(`${String(cause)}\n${purge.output}`, { cause });
        });
        // What the broker was told, it does.
        if (judgement === 'lose-answer')
          await until(async () => (await records(scene)) >= before + record, {
            what: 'the record',
          });
        await purge.kill();
      } finally {
        await proxy.close();
      }
      const left = await scene.table.deletable();
      assert.equal(left.length === ids.length, record === 1, `${left.length} rows are left`);
      await scene.goes();
      return `${ids.length - left.length} of ${ids.length} rows were gone`;
    },
  };
}

async function records(scene: PurgeScene): Promise<number> {
  return (await purgeRecords(scene.servers.kafka, `${scene.topic}.purges`)).length;
}

function commitsRecord(scene: PurgeScene, { apiKey, body }: KafkaRequest): boolean {
  return apiKey === END_TXN && body.includes(`${scene.prefix}scoreline-purge-log_scores`);
}

async function stopped(purge: Service): Promise<void> {
  const { code } = await purge.stop();
  assert.equal(code, 0, purge.output);
}
