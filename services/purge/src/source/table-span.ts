import { utcOffsetMinutes } from '@scoreline/database';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { Span } from '../purge/ports.ts';

export async function tableSpan(
  connection: Connection,
  name: string,
  { tsKind, timeZone }: { tsKind: 'timestamp' | 'datetime'; timeZone: string | undefined },
): Promise<Span | null> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT span.min, span.max, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first.ts) AS us
     FROM (SELECT MIN(id) AS min, MAX(id) AS max FROM ${name}) AS span
     JOIN ${name} AS first ON first.id = span.min`,
  );
  if (!row) return null;
  const offsetMs = tsKind === 'timestamp' ? 0 : (utcOffsetMinutes(timeZone) ?? 0) * 60_000;
  const oldestTs = row['us'] === null ? null : new Date(Number(row['us']) / 1000 - offsetMs);
  return { minId: Number(row['min']), maxId: Number(row['max']), oldestTs };
}
