import { type Database, Databases } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { logRecords } from '../../harness/log-record.ts';
import { parseDsn } from '../../harness/mysql.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';
import { throughProxy } from './through-proxy.ts';

const FAILED_OVER = 'failed over: going on by GTID at another server';
const GTIDS = 'SELECT @@GLOBAL.gtid_binlog_pos AS gtids';

/**
 * Another server takes the source's place. These come before all others: a replica that is made anew needs
 * the source's binlog from its first event on.
 */
export const FAILOVER_FAULTS: readonly Fault[] = [
  {
    name: 'failover by GTID to a replica, and later to the source again',
    outcome: 'goes on',
    ...throughProxy(async (scene, proxy) => {
      const { load, dsn } = scene;
      const replica = await replicaOf(scene);
      await load.end();
      await settled(scene, replica);
      proxy.leadTo(dsnAt(replica, scene));
      await failedOver(scene, 1);
      // They are written to the source, and captured from the replica.
      await scene.rowsCommitted(200);
      await load.end();
      await settled(scene, replica);
      proxy.leadTo(dsn);
      const [to, from] = await failedOver(scene, 2);
      return `went on at ${to}, and at ${from} again`;
    }),
  },
  {
    name: 'failover to a replica that lacks captured transactions',
    outcome: { stops: 'source-behind' },
    ...throughProxy(async (scene, proxy) => {
      const replica = await replicaOf(scene);
      await scene.load.end();
      await settled(scene, replica);
      await replica.run('STOP SLAVE');
      await scene.rowsCommitted(200);
      await scene.load.end();
      await scene.pipeline.caughtUp(scene.capture);
      proxy.leadTo(dsnAt(replica, scene));
      const [lacks] = await Promise.all([replica.run(GTIDS), scene.capture.exited()]);
      return `the replica is at ${lacks[0]?.['gtids']}`;
    }),
  },
];

function dsnAt({ dsn }: Database, { database }: Scene): string {
  return dsn.replace(/[^/]*$/, database);
}

async function replicaOf(scene: Scene): Promise<Database> {
  const servers = new Databases();
  scene.t.after(() => servers.destroy());
  const replica = await servers.start({ flavour: 'mariadb' });
  const { port, user, password } = parseDsn(scene.dsn);
  await replica.run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = '${user}',
       MASTER_PASSWORD = '${password}', MASTER_SSL = 0, MASTER_SSL_VERIFY_SERVER_CERT = 0,
       MASTER_USE_GTID = slave_pos`,
    'START SLAVE',
  );
  return replica;
}

/** Waits until the replica has, and capture has published, all that the source has committed. */
async function settled(scene: Scene, replica: Database): Promise<void> {
  const [source] = await scene.sql(GTIDS);
  const gtids = String(source?.['gtids']);
  const [row] = await replica.run(`SELECT MASTER_GTID_WAIT('${gtids}', 60) AS answer`);
  if (row?.['answer'] !== 0) throw new Error(`the replica is not at ${gtids}`);
  await until(
    async () => {
      const parts = await scene.capture.status();
      return (parts?.['capture'] as { gtidSet?: string } | undefined)?.gtidSet === gtids;
    },
    { what: `the checkpoint at ${gtids}` },
  );
}

/** Waits until capture has gone on elsewhere so many times; tells where. */
async function failedOver({ capture }: Scene, times: number): Promise<readonly string[]> {
  const found = await until(
    () => {
      const records = logRecords(capture.output, FAILED_OVER);
      return records.length >= times ? records : null;
    },
    { what: `going on elsewhere for the ${times}. time` },
  );
  await capture.ready();
  return found.map(({ to }) => (to as { serverUuid: string }).serverUuid);
}
