import type { FaultProxy, Matches } from '@scoreline/testing';

import type { Mishap, Way } from './archive.ts';

/** Of a few hundred rows there is more. */
const HALF_BYTES = 1000;

/** The way to a server that is reached by HTTP, through a proxy. */
export class HttpWay implements Way {
  readonly #proxy: FaultProxy;
  readonly #writes: Matches;
  #isShut = false;
  #release = () => {};

  /** @param writes the request after which a range, or a file of it, is there. */
  constructor(proxy: FaultProxy, writes: Matches) {
    this.#proxy = proxy;
    this.#writes = writes;
    const none = { kind: 'cut', afterBytes: 0 } as const;
    proxy.next(() => this.#isShut, none, Number.POSITIVE_INFINITY);
  }

  get fired(): readonly string[] {
    return this.#proxy.fired;
  }

  spoil(mishap: Mishap): void {
    this.#proxy.next(this.#writes, this.#faultOf(mishap));
  }

  release(): void {
    this.#release();
  }

  shut(): void {
    this.#isShut = true;
    this.#proxy.dropAll();
  }

  open(): void {
    this.#isShut = false;
  }

  #faultOf(mishap: Mishap) {
    switch (mishap) {
      case 'held before':
        return { kind: 'hold', afterBytes: 0 } as const;
      case 'held half way':
        return { kind: 'hold', afterBytes: HALF_BYTES } as const;
      case 'held after':
        return { kind: 'silence' } as const;
      case 'delayed': {
        const until = new Promise<void>((resolve) => (this.#release = resolve));
        return { kind: 'delay', until } as const;
      }
      case 'cut off half way':
        return { kind: 'cut', afterBytes: HALF_BYTES } as const;
      case 'answer lost':
        return { kind: 'lose-answer' } as const;
      default:
        return mishap satisfies never;
    }
  }
}
