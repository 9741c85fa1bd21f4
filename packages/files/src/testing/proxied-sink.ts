import type { Stall } from '@scoreline/landing/testing';
import { type FaultProxy, type ProxiedRequest, until } from '@scoreline/testing';

type Matches = (request: ProxiedRequest) => boolean;

/** What the suite for sinks does to the requests of a store, to all that create an object. */
export const proxied = {
  /** @param attempts that the store's client makes by itself before it tells of the first. */
  loseAnswer(proxy: FaultProxy, creates: Matches, attempts: number): void {
    proxy.next(creates, { kind: 'lose-answer' }, attempts);
  },

  stall(proxy: FaultProxy, creates: Matches): Stall {
    let isStalled = true;
    const before = proxy.fired.length;
    const matches: Matches = (request) => isStalled && creates(request);
    proxy.next(matches, { kind: 'hold', afterBytes: 10 }, Number.POSITIVE_INFINITY);
    return {
      reached: until(() => proxy.fired.length > before, { what: 'a held creation', everyMs: 5 }),
      release: () => {
        isStalled = false;
      },
    };
  },
};
