import { readCommitted, type RecordsOf } from './committed-records.ts';

interface PurgeRecord {
  readonly kind: 'intent' | 'done' | 'resolved';
  /** `5` or `7-9`. */
  readonly ids: readonly string[];
}

/** The ids that the purge log says are gone, as often as it says so: read as the docs describe it. */
export async function readPurgedIds(log: RecordsOf): Promise<readonly number[]> {
  const ids: number[] = [];
  await readCommitted(log, (value) => {
    for (const id of purgedIds(value.toString())) ids.push(id);
  });
  return ids;
}

/** What one record says is gone; an intent alone says that of nothing. */
export function purgedIds(record: string): readonly number[] {
  const { kind, ids } = JSON.parse(record) as PurgeRecord;
  return kind === 'intent' ? [] : ids.flatMap(idsOf);
}

function idsOf(range: string): number[] {
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
