import type { TopicSpec } from '@scoreline/kafka';

const LONGEST = '9223372036854775807';

/** Version of the records; not of the rows. */
const VERSION = 1;

/** One purge log per table, whatever the version of its rows. */
export function purgesTopic(table: string, prefix = ''): string {
  return `${prefix}${table}-v${VERSION}.purges`;
}

/** The topic as it must be: in order, and nothing in it ever goes. */
export function purgesSpec(name: string): TopicSpec {
  const forEver = 'it is the evidence of what was deleted, and why it was safe';
  return {
    name,
    partitions: 1,
    exactPartitions: true,
    required: {
      'cleanup.policy': { value: 'delete', why: 'compaction refuses records without a key' },
      'retention.ms': { value: '-1', why: forEver },
      'retention.bytes': { value: '-1', why: forEver },
      'message.timestamp.after.max.ms': {
        value: LONGEST,
        why: 'a host whose clock is ahead could log nothing, and so delete nothing',
      },
      'max.message.bytes': {
        value: '1048588',
        why: 'a record names every id of a chunk',
        atLeast: true,
      },
    },
  };
}
