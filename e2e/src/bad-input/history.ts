import { cp, rm } from 'node:fs/promises';

import type { BadInput } from './bad-input.ts';

const KNOWN = { service: 'capture', given: 'captured', exitCode: 1 } as const;

/** Sources whose past is not the one that the checkpoint knows. They spoil the server: the last cases. */
export const HISTORY: readonly BadInput[] = [
  {
    ...KNOWN,
    name: 'another server answers',
    wrong: (world) => world.setGlobal('server_id', '77'),
    code: 'source-changed',
    says: ['server_id 1', 'server_id 77', 'database_dsn', 'topic_prefix'],
  },
  {
    ...KNOWN,
    name: 'the binlog was purged past the checkpoint',
    wrong: async (world) => {
      await world.sql('FLUSH BINARY LOGS');
      await world.insert();
      const files = await world.sql('SHOW BINARY LOGS');
      const newest = String(files.at(-1)?.['Log_name']);
      await world.sql(`PURGE BINARY LOGS TO '${newest}'`);
    },
    code: 'position-gone',
    says: ['the binlog was purged past the checkpoint', 'topic_prefix'],
  },
  {
    ...KNOWN,
    name: 'the server was restored to an earlier state, and went on with other rows',
    given: 'nothing',
    wrong: async (world) => {
      const { servers } = world;
      let copy = '';
      await servers.mariadbStopped(async (data) => {
        copy = await servers.copyOf(data);
      });
      await world.capture();
      await servers.mariadbStopped(async (data) => {
        await rm(data, { recursive: true });
        await cp(copy, data, { recursive: true });
      });
      await world.insert(25);
    },
    code: 'source-rewound',
    says: ['rewound or rebuilt', 'the checkpoint remembers', 'topic_prefix'],
  },
];
