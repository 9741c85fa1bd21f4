import type { Fault, SqlServer } from '../fault.ts';
import type { Scene } from '../scene.ts';

const STATEMENTS = {
  mariadb: { reset: 'RESET MASTER', status: 'SHOW MASTER STATUS' },
  mysql: { reset: 'RESET BINARY LOGS AND GTIDS', status: 'SHOW BINARY LOG STATUS' },
} as const;

/** The server begins its binlog anew, and forgets what it had: nobody knows what was not read. */
export const RESET_FAULTS: readonly Fault[] = (['mariadb', 'mysql'] as const).flatMap((server) => [
  {
    name: `${server}: the binlog is reset while capture runs`,
    server,
    outcome: { stops: 'source-rewound' },
    cause: async (scene) => {
      await scene.sql('FLUSH BINARY LOGS');
      await scene.rowsCommitted(100);
      const { before, after } = await reset(scene, server);
      if (after.file === before.file) throw new Error('the binlog has not begun anew');
      return told(before, after);
    },
  },
  {
    // The stream gets neither an event nor an error then: only the end of the binlog tells.
    name: `${server}: the binlog is reset in its first file, and nothing is written`,
    server,
    outcome: { stops: 'source-rewound' },
    stage: async (scene) => {
      await scene.sql(STATEMENTS[server].reset);
      return {};
    },
    cause: async (scene) => {
      await scene.rowsCommitted(500);
      await scene.load.end();
      const { before, after } = await reset(scene, server);
      if (after.file !== before.file) throw new Error('it was not the first file');
      return told(before, after);
    },
  },
  {
    name: `${server}: the binlog is reset while capture is down`,
    server,
    outcome: { stops: 'source-rewound' },
    cause: async (scene) => {
      await scene.sql('FLUSH BINARY LOGS');
      await scene.rowsCommitted(100);
      await scene.capture.kill();
      const { before, after } = await reset(scene, server);
      await scene.rowsCommitted(100);
      await scene.capture.start();
      return told(before, after);
    },
  },
]);

interface Place {
  readonly file: string;
  readonly offset: number;
}

async function reset(scene: Scene, server: SqlServer): Promise<{ before: Place; after: Place }> {
  const { reset: statement, status } = STATEMENTS[server];
  const before = placeOf(await scene.sql(status));
  const after = placeOf(await scene.sql(statement, status));
  return { before, after };
}

function placeOf([row]: Awaited<ReturnType<Scene['sql']>>): Place {
  return { file: String(row!['File']), offset: Number(row!['Position']) };
}

function told(before: Place, after: Place): string {
  return `the binlog was at ${before.file}:${before.offset}, is at ${after.file}:${after.offset}`;
}
