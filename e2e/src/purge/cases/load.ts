import { rm, writeFile } from 'node:fs/promises';

import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import { parseDsn } from '../../harness/mysql.ts';
import type { HeldCase } from '../purge-case.ts';

/** Everything is proven, and still it is not the time. */
export const LOAD: readonly HeldCase[] = [
  {
    name: 'a replica of replica_dsns cannot tell its lag',
    onEachServer: true,
    told: ['replica-lag'],
    toldBy: 'service',
    // It is a server, and no replica.
    settings: ({ table }) => ({ replica_dsns: table.adminDsn }),
    cause: async (scene) => `${(await scene.insertLanded(20)).length} rows`,
    mend: async () => {},
  },
  {
    name: 'the pause file is there',
    told: ['paused'],
    toldBy: 'service',
    cause: async (scene) => {
      await scene.insertLanded(20);
      await writeFile(scene.pauseFile, '');
      return scene.pauseFile;
    },
    mend: (scene) => rm(scene.pauseFile),
  },
  archiverAtWork(),
];

function archiverAtWork(): HeldCase {
  let archiver: Connection | undefined;
  return {
    name: 'the archiver holds its lock',
    onEachServer: true,
    told: ['locks-held'],
    toldBy: 'service',
    cause: async (scene) => {
      await scene.insertLanded(20);
      archiver = await createConnection(parseDsn(scene.table.adminDsn));
      const [[held]] = await archiver.query<RowDataPacket[]>(
        `SELECT GET_LOCK('archiver-log_scores', 0) AS held`,
      );
      if (held?.['held'] !== 1) throw new Error('somebody holds it already');
      return 'archiver-log_scores';
    },
    mend: async () => archiver?.end(),
  };
}
