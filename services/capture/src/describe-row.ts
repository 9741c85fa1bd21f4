import type { Block, TopicVersion } from '@scoreline/schema';
import avsc from 'avsc';

const types = new Map<TopicVersion, avsc.Type>();

/** A row as JSON, for an error. */
export function describeRow(block: Block, row: number, version: TopicVersion): string {
  return describeDatum(block.bytes.subarray(block.start(row), block.ends[row]), version);
}

/** The same, of one row's bytes. */
export function describeDatum(bytes: Buffer, version: TopicVersion): string {
  let type = types.get(version);
  if (type === undefined) {
    type = avsc.Type.forSchema(JSON.parse(version.json) as avsc.Schema);
    types.set(version, type);
  }
  return JSON.stringify(type.fromBuffer(bytes));
}
