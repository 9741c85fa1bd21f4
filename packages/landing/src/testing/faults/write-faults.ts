import type { Mishap } from './archive.ts';
import type { LandingFault } from './fault.ts';
import { SESSION_MS } from './landing-scene.ts';

/** What happens to a write while the process lives. */
export const WRITE_FAULTS: readonly LandingFault[] = [
  spoilt('the answer to a write is lost', 'answer lost'),
  spoilt('a write is cut off half way', 'cut off half way'),
  {
    name: 'the destination is away for longer than a member may be silent',
    outcome: 'goes on',
    isApart: true,
    cause: async (scene) => {
      scene.start();
      await scene.produce();
      await scene.drained();
      scene.mark();
      const { way } = scene.place;
      const before = way.fired.length;
      const beganMs = performance.now();
      const awayMs = () => performance.now() - beganMs;
      way.shut();
      await scene.produce();
      await scene.fires(before);
      await scene.until(() => awayMs() > SESSION_MS + 1000, 'the end of a silent member');
      const { code } = (await scene.hears('writing to')).err ?? {};
      const seconds = Math.round(awayMs() / 1000);
      way.open();
      await scene.drained();
      if (scene.said('joined the group').length > 0) throw new Error('it has lost its partitions');
      const requests = way.fired.length - before;
      return `${requests} refused in ${seconds} s (${code}), and it kept its partitions`;
    },
  },
];

function spoilt(name: string, mishap: Mishap): LandingFault {
  return {
    name,
    outcome: 'goes on',
    cause: async (scene) => {
      const { way } = scene.place;
      const before = way.fired.length;
      way.spoil(mishap);
      await scene.produce();
      return scene.fires(before);
    },
  };
}
