import type { Allowance } from '../pace/allowance.ts';
import type { ChunkSize } from '../pace/chunk-size.ts';
import type { Reason } from '../proof/reason.ts';
import type { BasisReader } from './basis.ts';
import { isOversized } from './cut-chunks.ts';
import { type Deletion, deleteChunk } from './delete-chunk.ts';
import { judge, type Policy, whyRefused } from './judge.ts';
import type { Pacer } from './pacer.ts';
import type { ChunkOutcome } from './ports.ts';
import type { PreparedChunk, PreparedLot } from './prepare-lot.ts';

export interface LotDeletion extends Deletion {
  readonly basis: BasisReader;
  readonly policy: Policy;
  readonly pacer: Pacer;
  readonly size: ChunkSize;
  readonly allowance: Allowance | null;
  /** First ids of the chunks of this pass of which a row was not as it had been read. */
  readonly changedAt: Set<number>;
  /** With the last id of the chunk. */
  readonly onOutcome: (outcome: ChunkOutcome, id: number) => void;
}

export interface Halt {
  /** No other chunk is begun. */
  readonly stopping: AbortSignal;
  /** Let go at once. */
  readonly signal: AbortSignal;
}

export type LotOutcome =
  | { readonly kind: 'deleted' }
  /** From this id on it is to be prepared again; these of its ids not in this pass. */
  | { readonly kind: 'again'; readonly from: number; readonly passOver: PassOver | null }
  | { readonly kind: 'refused'; readonly from: number; readonly reasons: readonly Reason[] };

export interface PassOver {
  readonly why: 'changed' | 'referenced' | 'locked';
  readonly ids: readonly number[];
}

const NONE: ReadonlySet<number> = new Set();

/** Deletes the chunks of a lot, each as soon as it may, on evidence that is new enough. */
export async function deleteLot(
  deletion: LotDeletion,
  { chunks }: PreparedLot,
  { stopping, signal }: Halt,
): Promise<LotOutcome> {
  const { pacer, basis, policy, size, allowance, clock, onOutcome } = deletion;
  const over = AbortSignal.any([stopping, signal, deletion.locks.lost]);
  for (const chunk of chunks) {
    const from = chunk.ids[0]!;
    const throttledMs = await pacer.ready(chunk.ids.length, over);
    const now = await basis.current(over);
    const reasons = whyRefused(policy, now);
    if (reasons.length > 0) return { kind: 'refused', from, reasons };
    const rows = chunk.ids.length;
    // Who refers to them the server sees when it deletes them.
    const verdict = judge({ ids: chunk.ids, referenced: NONE }, now, policy);
    if (verdict.deletable.length < rows || isOversized(rows, size.rows)) {
      return { kind: 'again', from, passOver: null };
    }
    over.throwIfAborted();
    const outcome = await deleteChunk(deletion, chunk, { basis: now, throttledMs }, signal);
    if (outcome.kind !== 'deleted') {
      const again = passOver(outcome, chunk, deletion);
      onOutcome(outcome, from);
      return { kind: 'again', from, passOver: again };
    }
    size.took(outcome.rows, outcome.ms);
    allowance?.took(outcome.rows, clock.now());
    onOutcome(outcome, chunk.ids.at(-1)!);
  }
  return { kind: 'deleted' };
}

/** What of a chunk that was not deleted is left alone until the next pass; after a collision, when smaller ones do not help. */
function passOver(
  outcome: Exclude<ChunkOutcome, { readonly kind: 'deleted' }>,
  { ids }: PreparedChunk,
  { size, changedAt }: Pick<LotDeletion, 'size' | 'changedAt'>,
): PassOver | null {
  const from = ids[0]!;
  switch (outcome.kind) {
    case 'changed':
      // Read again it is what it is now, unless somebody goes on changing it.
      if (changedAt.has(from)) return { why: 'changed', ids: outcome.ids };
      changedAt.add(from);
      return null;
    case 'referenced':
      return { why: 'referenced', ids: outcome.ids };
    case 'collided': {
      const before = size.rows;
      size.collided();
      return size.rows < before ? null : { why: 'locked', ids };
    }
    default:
      return outcome satisfies never;
  }
}
