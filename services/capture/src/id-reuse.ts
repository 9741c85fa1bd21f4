import type { BinlogPosition } from '@scoreline/ledger';
import type { Block } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import { describeRow } from './describe-row.ts';

/** A row whose id is in the ledger: another row had it, or this one was published before. */
export function idReuse(
  block: Block,
  row: number,
  { from, to }: { readonly from: BinlogPosition; readonly to: BinlogPosition },
): PermanentError {
  const id = block.ids[row]!;
  return new PermanentError(
    `id ${id} is captured already, and the source has a row with it again between ${text(from)} and ${text(to)}: ${describeRow(block, row)}`,
    {
      code: 'id-reuse',
      remedy:
        'Compare it with the row of that id in the topic. If another row had the id before (a restored server, an explicit INSERT), the source has lost rows that are archived: find out which is right. Nothing of that transaction is published.',
    },
  );
}

function text({ file, offset }: BinlogPosition): string {
  return `${file}:${offset}`;
}
