import type { BadInput } from './bad-input.ts';

const LANDED = { service: 'sink-clickhouse', given: 'landed', exitCode: 1 } as const;

/** Committed offsets that cannot be believed. */
export const OFFSETS: readonly BadInput[] = [
  {
    ...LANDED,
    name: 'records were deleted before they landed',
    wrong: async (world) => {
      const [commit] = await world.servers.commits(world.group, world.topic);
      await world.commit('0', commit?.metadata);
      await world.servers.admin.deleteTopicRecords({
        topic: world.topic,
        partitions: [{ partition: 0, offset: '3' }],
      });
    },
    code: 'offset-below-log-start',
    says: [
      '{topic}[0] of group {group}',
      'committed 0',
      'the log holds 3 to',
      'retention.ms',
      'accept_offset={topic}:0:',
    ],
  },
  {
    ...LANDED,
    name: 'the committed offset is one that the log never had',
    wrong: async (world) => {
      const [commit] = await world.servers.commits(world.group, world.topic);
      await world.commit('5000', commit?.metadata);
    },
    code: 'offset-above-log-end',
    says: [
      '{topic}[0] of group {group}',
      'committed 5000',
      'truncated or created again',
      'accept_offset={topic}:0:',
    ],
  },
  {
    ...LANDED,
    name: 'somebody else committed an offset',
    wrong: (world) => world.commit('2'),
    code: 'offset-reset',
    says: [
      '{topic}[0] of group {group}',
      'the committed offset 2 carries no metadata',
      'accept_offset={topic}:0:',
    ],
  },
  {
    ...LANDED,
    name: 'an offset carries the metadata of something else',
    wrong: (world) => world.commit('2', 'made by hand'),
    code: 'commit-metadata-unknown',
    says: ['{topic}[0] of group {group}', 'made by hand', 'docs/6-troubleshooting.md'],
  },
  {
    ...LANDED,
    name: 'the offsets are gone, and the table holds rows',
    wrong: async (world) => void (await world.servers.admin.deleteGroups([world.group])),
    code: 'offset-missing',
    says: ['{topic}[0] of group {group}', 'the group has no offset', 'accept_offset={topic}:0:'],
  },
  {
    ...LANDED,
    name: 'an accepted offset is not in the log',
    settings: { accept_offset: '{topic}:0:5000' },
    wrong: (world) => world.commit('2'),
    code: 'accept-offset-differs',
    says: ['{topic}[0] of group {group}', '5000'],
  },
];
