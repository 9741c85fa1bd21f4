import { until } from '@scoreline/testing';

import type { OwnCommit } from '../../bad-input/servers.ts';
import type { ArchiveName } from '../archive.ts';
import type { HeldCase } from '../purge-case.ts';
import type { PurgeScene } from '../scene.ts';

/**
 * What becomes of a group's offsets when its sink is away: the brokers expire them, an operator moves them,
 * somebody else commits in its name. The rows are in ClickHouse, and in the files or not: nobody can tell.
 */
export const OFFSETS: readonly HeldCase[] = [
  damaged('the group is deleted', 'offset-missing', async (scene) => {
    await scene.servers.admin.deleteGroups([scene.groupOf('file')]);
    return 'the group has no offsets';
  }),
  damaged('the offsets of a partition have expired', 'offset-missing', (scene) =>
    tool(scene, ['--delete-offsets', '--topic', `${scene.topic}:0`]),
  ),
  damaged('an operator resets the offsets to the end', 'offset-reset', async (scene) => {
    // Nothing of these has landed in the files, and the lag is 0.
    const ids = await scene.table.insert(30, { from: await scene.table.nextBucket() });
    await scene.landed(['clickhouse']);
    const told = await tool(scene, ['--reset-offsets', '--to-latest', '--all-topics', '--execute']);
    return `${ids.length} rows are passed over: ${told}`;
  }),
  damaged(
    'somebody commits without metadata, where the sink had',
    'offset-reset',
    async (scene) => {
      for (const commit of await commits(scene)) await put(scene, { ...commit, metadata: '' });
      return 'the offsets are the same';
    },
  ),
  damaged('the metadata is that of a later release', 'commit-metadata-unknown', async (scene) => {
    for (const commit of await commits(scene)) {
      const metadata = JSON.stringify({
        ...(JSON.parse(commit.metadata!) as Record<string, unknown>),
        v: 99,
      });
      await put(scene, { ...commit, metadata });
    }
    return 'v is 99';
  }),
  damaged('an offset is beyond the end of the log', 'offset-above-log-end', async (scene) => {
    for (const { partition, metadata } of await commits(scene))
      await put(scene, { partition, offset: '1000000', metadata });
    return 'it is 1000000';
  }),
  {
    name: 'the sink is behind',
    told: ['behind'],
    cause: async (scene) => {
      await away(scene, 'file');
      const ids = await scene.insertLanded(30);
      return `${ids.length} rows are not in the files`;
    },
    mend: async (scene) => {
      await scene.sinkAgain('file');
      await scene.landed();
    },
  },
];

/** While the sink of the files is away; mended as it was, and the sink lands what it has not. */
function damaged(
  name: string,
  code: string,
  damage: (scene: PurgeScene) => Promise<string>,
): HeldCase {
  let before: readonly OwnCommit[] = [];
  return {
    name,
    told: [code],
    cause: async (scene) => {
      await scene.insertLanded(40);
      await away(scene, 'file');
      before = await commits(scene);
      return damage(scene);
    },
    mend: async (scene) => {
      for (const commit of before) await put(scene, commit);
      await scene.sinkAgain('file');
      await scene.landed();
    },
  };
}

/** Brokers let nobody change the offsets of a group that has members. */
export async function away(scene: PurgeScene, name: ArchiveName): Promise<void> {
  const { code } = await scene.sinks.get(name)!.stop();
  if (code !== 0) throw new Error(scene.sinks.get(name)!.output);
  await until(
    async () => {
      const { groups } = await scene.servers.admin.describeGroups([scene.groupOf(name)]);
      return groups.every(({ members }) => members.length === 0);
    },
    { what: `the end of the members of ${scene.groupOf(name)}` },
  );
}

function commits(scene: PurgeScene): Promise<readonly OwnCommit[]> {
  return scene.servers.commits(scene.groupOf('file'), scene.topic);
}

function put(scene: PurgeScene, commit: OwnCommit): Promise<void> {
  return scene.servers.commit(scene.groupOf('file'), scene.topic, commit);
}

/** Kafka's own tool, as an operator has it. */
async function tool(scene: PurgeScene, args: readonly string[]): Promise<string> {
  const group = scene.groupOf('file');
  const told = await scene.servers.stack.kafka.tool('kafka-consumer-groups', [
    '--group',
    group,
    ...args,
  ]);
  return told.trim().replaceAll(/\s+/g, ' ');
}
