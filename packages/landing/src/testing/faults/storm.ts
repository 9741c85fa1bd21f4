import type { CannedAnswer, FaultProxy, Matches } from '@scoreline/testing';

import type { Place } from './archive.ts';
import type { LandingFault } from './fault.ts';

/** A place that is reached by HTTP. */
export interface HttpPlace extends Place {
  readonly proxy: FaultProxy;
}

export interface Storm {
  readonly name: string;
  /** The requests that are answered so, as many as `times`; 6 unless told. */
  readonly to: Matches;
  readonly answer: CannedAnswer;
  readonly times?: number;
  /** What the sink takes it for. */
  readonly code: string;
  /** Where the destination asks for a rest that others need not wait for. */
  readonly isApart?: true;
}

const TIMES = 6;

/** A destination that refuses for seconds, and then no more. */
export function storm({
  name,
  to,
  answer,
  times = TIMES,
  code,
  isApart,
}: Storm): LandingFault<HttpPlace> {
  return {
    name,
    outcome: 'goes on',
    ...(isApart && { isApart }),
    cause: async (scene) => {
      if (isApart) scene.start();
      const { proxy } = scene.place;
      const before = proxy.fired.length;
      proxy.next(to, answer, times);
      await scene.produce();
      const fired = await scene.fires(before, times);
      const { err } = await scene.hears('writing to');
      if (err?.code !== code) throw new Error(`${err?.code} was said, and not ${code}`);
      return `${times} × ${fired.split(' ', 2).join(' ')}, ${code}`;
    },
  };
}
