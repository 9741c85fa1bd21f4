import { cp, rm } from 'node:fs/promises';

import type { BadInput } from './bad-input.ts';

const KNOWN = { service: 'capture', given: 'captured', exitCode: 1 } as const;

const REUSED = 7;

/** Sources whose past is not the one that the checkpoint knows. They spoil the server: the last cases. */
export const HISTORY: readonly BadInput[] = [
  {
    ...KNOWN,
    name: 'another server answers, whose binlog knows nothing of what was captured',
    wrong: async (world) => {
      await world.setGlobal('server_id', '77');
      await world.sql('RESET MASTER');
    },
    code: 'source-changed',
    says: ['server_id 1', 'server_id 77', 'database_dsn', 'accept_new_source=77-0'],
  },
  {
    ...KNOWN,
    name: 'a row has an id that another row had before it was deleted',
    wrong: async (world) => {
      await world.sql(`DELETE FROM ${world.table} WHERE id = ${REUSED}`);
      await world.sql(
        `INSERT INTO ${world.table} (id, server_id, ts, score) VALUES (${REUSED}, 4242, '2026-01-31 12:00:00', 1.5)`,
      );
    },
    code: 'id-reuse',
    says: [
      `id ${REUSED} is captured already`,
      'the source has a row with it again',
      `"id":${REUSED},"server_id":4242`,
      '; the topic has ',
      'explicit INSERT',
      'Nothing of that transaction is published',
    ],
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
