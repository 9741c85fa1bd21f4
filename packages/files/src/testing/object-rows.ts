import type { SampleRow } from '@scoreline/landing/testing';

import { readAvro } from './read-avro.ts';

/** Every row of these files, in any order: one that two files have, twice. */
export async function objectRows(objects: ReadonlyMap<string, Buffer>): Promise<SampleRow[]> {
  const rows: SampleRow[] = [];
  for (const bytes of objects.values()) {
    for (const row of (await readAvro(bytes)).rows) rows.push({ ...row, extra: { ...row.extra } });
  }
  return rows;
}
