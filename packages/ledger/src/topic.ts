import type { TopicSpec } from '@scoreline/kafka';

/** One ledger per table, whatever the version of its topic. */
export function ledgerTopic(table: string, prefix = ''): string {
  return `${prefix}${table}.ledger`;
}

/** The topic as it must be. Everything in it has a key, and the last value of each must stay for ever. */
export function ledgerSpec(name: string): TopicSpec {
  const forEver = 'a checkpoint that expires is a position that is lost';
  return {
    name,
    partitions: 1,
    exactPartitions: true,
    required: {
      'cleanup.policy': { value: 'compact', why: forEver },
      'retention.ms': { value: '-1', why: forEver },
      'retention.bytes': { value: '-1', why: forEver },
      'segment.bytes': { value: String(32 * 1024 * 1024), why: 'a start reads all of it' },
      'segment.ms': { value: String(10 * 60 * 1000), why: 'only closed segments are compacted' },
      'min.cleanable.dirty.ratio': { value: '0.1', why: 'a start reads all of it' },
    },
  };
}
