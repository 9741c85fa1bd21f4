import { parseCommitMetadata } from '../../commit-metadata.ts';
import type { LandingFault, Settings } from './fault.ts';
import type { LandingScene } from './landing-scene.ts';
import { GARBAGE } from './topic-rows.ts';

/** Rows that nobody will ever land. */
const DOOMED = 60;

/** What a sink must not go past by itself. */
export const DOUBTS: readonly LandingFault[] = [
  {
    name: 'a record cannot be read',
    outcome: { stops: 'record-malformed', mend: async () => ({ on_poison: 'quarantine' }) },
    cause: async (scene) => {
      await poison(scene);
      return 'a record that is no row, between rows';
    },
  },
  {
    name: 'a record cannot be read, and may be put into quarantine',
    outcome: 'goes on',
    cause: async (scene) => {
      await poison(scene);
      await scene.drained();
      const [commit] = (await scene.p.commits(scene.program.sink)).values();
      const { quarantined } = parseCommitMetadata(commit?.metadata ?? '', 'partition 0');
      if (quarantined?.count !== 2) throw new Error('the two records are not in quarantine');
      return `records ${quarantined.first} and ${quarantined.last} are in quarantine`;
    },
  },
  {
    name: 'the destination is another one',
    outcome: { stops: 'destination-changed', mend: async () => ({}) },
    cause: async (scene) => {
      const elsewhere = await scene.elsewhere();
      await scene.stop();
      scene.start(elsewhere?.env);
      return 'started on an empty one';
    },
  },
  {
    name: 'the offsets of the group are deleted',
    outcome: { stops: 'offset-missing', mend: (scene) => acceptOffset(scene, 'high') },
    cause: async (scene) => {
      const { p, program } = scene;
      await scene.drained();
      await scene.stop();
      await p.admin.deleteGroups([p.groupOf(program.sink)]);
      const left = (await p.commits(program.sink)).size;
      if (left > 0) throw new Error(`${left} offsets are there`);
      scene.start();
      return 'no offset is left';
    },
  },
  {
    name: 'the log begins behind what was committed',
    outcome: { stops: 'offset-below-log-start', mend: (scene) => acceptOffset(scene, 'low') },
    cause: async (scene) => {
      const { admin, topic } = scene.p;
      await scene.stop();
      await scene.trim(await scene.produce(DOOMED));
      const starts = await admin.fetchTopicOffsets(topic);
      scene.start();
      return `the log begins at ${starts.map(({ low }) => low).join(' and ')}`;
    },
  },
];

/** What an operator says who knows what has landed: all of it, or what the log still has. */
async function acceptOffset(
  { p: { admin, topic } }: LandingScene,
  end: 'low' | 'high',
): Promise<Settings> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const accepted = offsets.map((one) => `${topic}:${one.partition}:${one[end]}`);
  return { accept_offset: accepted.join(',') };
}

async function poison(scene: LandingScene): Promise<void> {
  await scene.produce();
  await scene.p.produce(0, [GARBAGE]);
  await scene.produce();
}
