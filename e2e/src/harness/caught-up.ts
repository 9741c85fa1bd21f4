import { until } from '@scoreline/testing';

import { query } from './mysql.ts';
import { publishedPosition } from './published-position.ts';
import type { Service } from './service.ts';

/** Waits until the checkpoint is where the binlog of that server ends now. */
export async function caughtUp(adminDsn: string, capture: Service): Promise<void> {
  const [end] = await binlogEnd(adminDsn);
  await until(
    async () => {
      const [file = '', offset = 0] = (await publishedPosition(capture)).split(':');
      return file > end!.File || (file === end!.File && Number(offset) >= end!.Position);
    },
    { what: `${capture.label} at ${end!.File}:${end!.Position}`, timeoutMs: 120_000 },
  );
}

type End = { readonly File: string; readonly Position: number };

/** MariaDB knows the one statement, MySQL the other. */
function binlogEnd(adminDsn: string): Promise<readonly End[]> {
  return query<End>(adminDsn, 'SHOW MASTER STATUS').catch(() =>
    query<End>(adminDsn, 'SHOW BINARY LOG STATUS'),
  );
}
