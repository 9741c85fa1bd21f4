import { logRecord } from '../../harness/log-record.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const HEIR = 77;

/** Another server takes the source's place, and no GTID says what it has. */
export const FOREIGN_FAULTS: readonly Fault[] = [
  {
    name: 'failover without GTIDs',
    outcome: { stops: 'source-changed' },
    cause: async (scene) => {
      const fired = await inherit(scene);
      await scene.capture.start();
      return fired;
    },
  },
  {
    name: 'failover without GTIDs, to a server that accept_new_source names',
    outcome: 'goes on',
    settings: { accept_new_source: `${HEIR}-0` },
    cause: async (scene) => {
      const fired = await inherit(scene);
      await scene.capture.start();
      await scene.capture.ready();
      if (logRecord(scene.capture.output, 'going on at another server') === null) {
        throw new Error('it has not noticed that this is another server');
      }
      return fired;
    },
  },
];

/** While capture is down: rows that it has not seen, and then another server with that table and a new binlog. */
async function inherit(scene: Scene): Promise<string> {
  await scene.capture.kill();
  await scene.rowsCommitted(200);
  await scene.load.end();
  scene.onEnd(() => scene.sql('SET GLOBAL server_id = 1'));
  const [heir] = await scene.sql(
    `SET GLOBAL server_id = ${HEIR}`,
    'RESET MASTER',
    'SELECT @@GLOBAL.server_id AS id, @@GLOBAL.gtid_binlog_pos AS gtids',
  );
  if (heir?.['id'] !== HEIR || heir['gtids'] !== '') throw new Error('it is the same server');
  return `server_id ${heir['id']} answers, with a binlog that begins anew`;
}
