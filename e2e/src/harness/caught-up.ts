import { until } from '@scoreline/testing';

import { query } from './mysql.ts';
import { publishedPosition } from './published-position.ts';
import type { Service } from './service.ts';

/** Waits until the checkpoint is where the binlog of that server ends now. */
export async function caughtUp(adminDsn: string, capture: Service): Promise<void> {
  const [end] = await query<{ File: string; Position: number }>(adminDsn, 'SHOW MASTER STATUS');
  await until(
    async () => {
      const [file = '', offset = 0] = (await publishedPosition(capture)).split(':');
      return file > end!.File || (file === end!.File && Number(offset) >= end!.Position);
    },
    { what: `${capture.label} at ${end!.File}:${end!.Position}`, timeoutMs: 120_000 },
  );
}
