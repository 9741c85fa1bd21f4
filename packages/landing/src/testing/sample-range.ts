import { LOG_SCORE_V1_JSON } from '@scoreline/schema';

import { RangeBuilder, viewOf } from '../range-builder.ts';
import type { LoadedRange } from '../range.ts';
import { encodeRow, type SampleRow } from './sample-rows.ts';

const LEDGER_UUID = '9b2cf1e0-0000-4000-8000-000000000000';

export interface SampleName {
  readonly first?: bigint;
  readonly last?: bigint;
  readonly topic?: string;
  readonly partition?: number;
  readonly ledgerUuid?: string;
}

/** These rows as a range, its offsets beginning with `first`, without gaps unless `last` says so. */
export function sampleRange(rows: readonly SampleRow[], name: SampleName = {}): LoadedRange {
  const { first = 0n, topic = 'log_scores-v1', partition = 0, ledgerUuid = LEDGER_UUID } = name;
  const builder = new RangeBuilder(rows.length * 120);
  for (const row of rows) {
    const datum = encodeRow(row);
    builder.append(viewOf(datum), 0, datum.length, row.id, row.ts);
  }
  return builder.finish({
    ledgerUuid,
    topic,
    partition,
    first,
    last: name.last ?? first + BigInt(rows.length) - 1n,
    schema: LOG_SCORE_V1_JSON,
  });
}
