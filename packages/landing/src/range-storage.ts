import { RangeBuilder } from './range-builder.ts';
import type { RangeFiller } from './range-filler.ts';
import type { RangeLimits } from './sink.ts';
import type { Holder, Room } from './spool-room.ts';
import type { Spool } from './spool.ts';
import { SpooledBuilder } from './spooled-builder.ts';

/** A partition that takes room for its ranges. */
export interface Tenant extends Holder {
  /** Ends the open range before it is full or due, so that it lands. */
  closeEarly(): void;
}

/** Where ranges wait until they have landed, and which partition may go on filling its own. */
export interface RangeStorage {
  filler(): RangeFiller;
  room(asker: Tenant, wantedBytes: number): Room<Tenant>;
  /** Resolves when `room` may say something else. */
  changed(): Promise<void>;
}

export interface StorageOptions {
  readonly limits: RangeLimits;
  /** Memory, for all partitions together. */
  readonly bufferBytes: number;
  readonly spool: Spool | null;
  readonly partitions: number;
  /** All partitions that share it. */
  readonly tenants: () => Iterable<Tenant>;
  /** Of the datums in one block of the spool. */
  readonly blockBytes?: Span;
}

interface Span {
  readonly min: number;
  readonly max: number;
}

/** Large blocks are fewer writes; small ones are many partitions' share. */
const BLOCK_BYTES: Span = { min: 16_000, max: 1_000_000 };
/** Beside its datums a block has an index of up to half their size. */
const WITH_INDEX = 1.5;

/**
 * The memory is divided evenly beforehand, so no partition can keep it from another. In memory, a
 * partition has a range that fills and those in flight. With a spool it has a block for each of these
 * and one for each that is read; the disk is shared by demand.
 */
export function rangeStorage({
  limits,
  bufferBytes,
  spool,
  partitions,
  tenants,
  blockBytes = BLOCK_BYTES,
}: StorageOptions): { readonly limits: RangeLimits; readonly storage: RangeStorage } {
  const share = bufferBytes / Math.max(1, partitions);
  const inFlight = limits.inFlight ?? 1;
  if (spool === null) {
    const bytes = Math.min(limits.bytes, Math.floor(share / (1 + inFlight)));
    return { limits: { ...limits, bytes }, storage: inMemory(bytes) };
  }
  const most = Math.floor(share / (1 + 2 * inFlight) / WITH_INDEX);
  const bytes = Math.max(blockBytes.min, Math.min(blockBytes.max, most));
  return {
    limits,
    storage: {
      filler: () => new SpooledBuilder(spool, bytes),
      room: (asker, wantedBytes) => spool.room(asker, tenants(), wantedBytes),
      changed: () => spool.changed(),
    },
  };
}

function inMemory(bytes: number): RangeStorage {
  return {
    filler: () => new RangeBuilder(bytes),
    room: () => 'write',
    changed: () => Promise.resolve(),
  };
}
