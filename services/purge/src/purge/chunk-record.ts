import { type FoundPartition, groupOf } from '@scoreline/landing';
import { bucketOf } from '@scoreline/ledger';

import type { PurgeRecord, SinkEvidence } from '../kafka/purge-record.ts';
import { metadataOf } from '../proof/metadata-of.ts';
import { idRanges } from './id-ranges.ts';
import type { Basis } from './judge.ts';
import type { RowsDigest } from './ports.ts';

export interface ChunkRows {
  readonly chunk: string;
  readonly ids: readonly number[];
  readonly digest: RowsDigest;
}

/** Host and process, for whoever reads the log later. */
export interface Author {
  readonly by: string;
  readonly nowMs: number;
}

/** What is about to be deleted, and on what evidence. */
export function intentOf(
  { chunk, ids, digest }: ChunkRows,
  basis: Basis,
  { by, nowMs }: Author,
): PurgeRecord {
  const buckets = [...new Set(ids.map((id) => bucketOf(id)))];
  return {
    v: 1,
    kind: 'intent',
    chunk,
    at: new Date(nowMs).toISOString(),
    by,
    buckets,
    ids: idRanges(ids),
    rows: ids.length,
    digest: digest.digest,
    sinks: evidenceFor(buckets, basis),
  };
}

/** That it was: the same record, and how it went. */
export function doneOf(
  intent: PurgeRecord,
  how: { readonly ms: number; readonly throttledMs: number },
  { nowMs }: Pick<Author, 'nowMs'>,
): PurgeRecord {
  return { ...intent, kind: 'done', at: new Date(nowMs).toISOString(), ...how };
}

/** Of an intent whose end nobody had noted: these of its ids are gone, which nobody else deletes. */
export function resolvedOf(
  intent: PurgeRecord,
  gone: readonly number[],
  { by, nowMs }: Author,
): PurgeRecord {
  return {
    ...intent,
    kind: 'resolved',
    at: new Date(nowMs).toISOString(),
    by,
    buckets: [...new Set(gone.map((id) => bucketOf(id)))],
    ids: idRanges(gone),
    rows: gone.length,
  };
}

/** What each active sink had committed of the topics that have the buckets' rows. */
function evidenceFor(
  buckets: readonly number[],
  { state, evidence }: Basis,
): Record<string, SinkEvidence> {
  const topics = new Set(
    buckets.flatMap((number) => [...(state.captured.buckets.get(number)?.offsets.keys() ?? [])]),
  );
  const sinks: Record<string, SinkEvidence> = {};
  for (const { name, state: stage, dest } of evidence.roster) {
    if (stage !== 'active') continue;
    const committed: SinkEvidence['committed'] = {};
    const since: Record<string, (string | null)[]> = {};
    for (const topic of topics) {
      const group = groupOf(name, topic);
      const found = evidence.groups.filter((one) => one.group === group && one.topic === topic);
      committed[topic] = byPartition(found, (one) => one.committed?.offset.toString() ?? null);
      since[topic] = byPartition(found, (one) => metadataOf(one)?.since.toString() ?? null);
    }
    sinks[name] = { dest: dest ?? '', committed, landed: { since } };
  }
  return sinks;
}

function byPartition<T>(found: readonly FoundPartition[], valueOf: (one: FoundPartition) => T) {
  const values: (T | null)[] = [];
  for (const one of found) {
    while (values.length <= one.partition) values.push(null);
    values[one.partition] = valueOf(one);
  }
  return values;
}
