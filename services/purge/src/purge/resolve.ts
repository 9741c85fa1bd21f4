import type { PurgeRecord } from '../kafka/purge-record.ts';
import { resolvedOf, type Author } from './chunk-record.ts';
import { idsOf } from './id-ranges.ts';
import type { JournalPort, TablePort } from './ports.ts';

/**
 * The one before us wrote down what it was about to delete, and not that it had: whichever of these rows are
 * gone, it has deleted. Only one purge at a time holds the locks, and a transaction of it that still runs is
 * waited for.
 *
 * @returns how many rows it had deleted.
 */
export async function resolveUnfinished(
  unfinished: PurgeRecord,
  { table, journal }: { readonly table: Pick<TablePort, 'held'>; readonly journal: JournalPort },
  author: Author,
  signal: AbortSignal,
): Promise<number> {
  const ids = idsOf(unfinished.ids);
  const held = new Set(await table.held(ids, signal));
  const gone = ids.filter((id) => !held.has(id));
  await journal.append(resolvedOf(unfinished, gone, author));
  return gone.length;
}
