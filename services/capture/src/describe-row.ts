import { type Block, LOG_SCORE_V1_JSON } from '@scoreline/schema';
import avsc from 'avsc';

const type = avsc.Type.forSchema(JSON.parse(LOG_SCORE_V1_JSON) as avsc.Schema);

/** A row as JSON, for an error. */
export function describeRow(block: Block, row: number): string {
  return describeDatum(block.bytes.subarray(block.start(row), block.ends[row]));
}

/** The same, of one row's bytes. */
export function describeDatum(bytes: Buffer): string {
  return JSON.stringify(type.fromBuffer(bytes));
}
