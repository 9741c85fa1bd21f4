import type { BinlogPosition, CapturedIds } from '@scoreline/ledger';
import type { Block, TopicVersion } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import type { Chunk } from './chunk.ts';
import { describeDatum, describeRow } from './describe-row.ts';
import type { KnownRows } from './known-rows.ts';
import { valuesOf } from './values-of.ts';

export interface Reuse {
  readonly block: Block;
  readonly row: number;
  /** Of the rows that come. */
  readonly version: TopicVersion;
  /** Between which places of the binlog the row came. */
  readonly from: BinlogPosition;
  readonly to: BinlogPosition;
  /** Of the transaction: the id may be taken by another row of it. */
  readonly chunks: readonly Chunk[];
  readonly captured: CapturedIds;
  readonly known: Pick<KnownRows, 'find'>;
}

/** A row whose id is in the ledger: another row had it, or this one was published before. Tells both. */
export async function idReuse(reuse: Reuse): Promise<PermanentError> {
  const { block, row, version, from, to } = reuse;
  const id = block.ids[row]!;
  return new PermanentError(
    `id ${id} is captured already, and the source has a row with it again between ${text(from)} and ${text(to)}: ${describeRow(block, row, version)}; ${await other(reuse)}`,
    {
      code: 'id-reuse',
      remedy: `Compare the two. If another row had the id before (a restored server, an explicit INSERT), the source has lost rows that are archived: find out which is right. If rows come again that are the same in the topic, accept_known=<from>-<to> lets those of a range pass that are, such as accept_known=${id}-${id}. Nothing of that transaction is published.`,
    },
  );
}

async function other({ block, row, version, chunks, captured, known }: Reuse): Promise<string> {
  const id = block.ids[row]!;
  if (captured.isExcluded(id)) {
    return 'the row that had it was kept out by exclude, so that nothing is known of it';
  }
  try {
    const found = await known.find(id);
    if (found === null) {
      const earlier = earlierRow(chunks, block, row, version);
      return earlier === null
        ? 'the topic has no row of it any more'
        : `the same transaction has ${earlier} before it`;
    }
    const { where, datum } = found;
    const comes = block.bytes.subarray(block.start(row), block.ends[row]);
    const isSame = valuesOf(datum, found.version).equals(valuesOf(comes, version));
    return `the topic has ${isSame ? 'the same' : describeDatum(datum, found.version)} (${where})`;
  } catch (error) {
    return `what the topic has could not be read: ${(error as Error).message}`;
  }
}

/** A row of the transaction that has the id and stands before the one at hand. */
function earlierRow(
  chunks: readonly Chunk[],
  at: Block,
  row: number,
  version: TopicVersion,
): string | null {
  const id = at.ids[row]!;
  for (const { block } of chunks) {
    const index = block.ids.subarray(0, block === at ? row : block.rows).indexOf(id);
    if (index >= 0) return describeRow(block, index, version);
    if (block === at) return null;
  }
  return null;
}

function text({ file, offset }: BinlogPosition): string {
  return `${file}:${offset}`;
}
