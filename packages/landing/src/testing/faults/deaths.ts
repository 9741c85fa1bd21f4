import { pendingOf } from '../kill-members.ts';
import type { Mishap } from './archive.ts';
import type { LandingFault } from './fault.ts';

const MOMENTS: readonly (readonly [when: string, mishap: Mishap])[] = [
  ['before a write', 'held before'],
  ['half way in a write', 'held half way'],
  ['between a write and its commit', 'held after'],
];

/** `kill -9` at each step of landing: the next process finds a range pending, and no more than that. */
export const DEATHS: readonly LandingFault[] = MOMENTS.map(([when, mishap]) => ({
  name: `the process is killed ${when}`,
  outcome: 'goes on',
  isApart: true,
  cause: async (scene) => {
    const { p, program, place } = scene;
    place.way.spoil(mishap);
    await scene.produce();
    const killed = scene.start();
    const fired = await scene.fires(0);
    const pending = await scene.until(() => pendingOf(p, program.sink), 'a range pending');
    await killed.kill('SIGKILL');
    scene.start();
    return `${fired}, with ${pending.split('\n').length} pending`;
  },
}));
