import type { Block } from '../block.ts';

/** A row of a block, with all that the block says of it. */
export interface EncodedRow {
  readonly id: number;
  readonly serverId: number;
  readonly timestampUs: number;
  readonly datum: Buffer;
}

export function encodedRows(block: Block): EncodedRow[] {
  return Array.from({ length: block.rows }, (_, row) => ({
    id: block.ids[row]!,
    serverId: block.serverIds[row]!,
    timestampUs: block.timestampsUs[row]!,
    datum: Buffer.from(block.bytes.subarray(block.start(row), block.ends[row])),
  }));
}
