import type { LandingFault } from './fault.ts';
import { logLines } from './log-lines.ts';

const JOINED = 'joined the group';

/** Two members, of which one loses what it is just writing to the other. */
export const GROUP_FAULTS: readonly LandingFault[] = [
  {
    name: 'a second member joins while a write is under way',
    outcome: 'goes on',
    isApart: true,
    cause: async (scene) => {
      const first = scene.start();
      await scene.produce();
      await scene.drained();
      scene.place.way.spoil('held after');
      const before = scene.place.way.fired.length;
      await scene.produce();
      const fired = await scene.fires(before);
      scene.start();
      await scene.hears(JOINED);
      await scene.drained();
      const joins = logLines(first.output(), JOINED).length;
      if (joins < 2) throw new Error(`the first member has not joined again:\n${first.output()}`);
      await scene.stop(first);
      return `${fired}; the first has joined ${joins} times`;
    },
  },
  {
    name: 'a member is paused until another has landed its range, and its write arrives late',
    outcome: 'goes on',
    isApart: true,
    cause: async (scene) => {
      const { way } = scene.place;
      const first = scene.start();
      await scene.produce();
      await scene.drained();
      const before = way.fired.length;
      const joins = logLines(first.output(), JOINED).length;
      way.spoil('delayed');
      await scene.produce();
      const fired = await scene.fires(before);
      first.signal('SIGSTOP');
      scene.start();
      await scene.drained();
      way.release();
      first.signal('SIGCONT');
      await scene.until(
        () => logLines(first.output(), JOINED).length > joins,
        'the first member to join again',
      );
      await scene.stop(first);
      return `${fired}, done when the other had landed it`;
    },
  },
];
