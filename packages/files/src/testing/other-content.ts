import type { HttpPlace, LandingFault } from '@scoreline/landing/testing';

import { withoutRows } from './without-rows.ts';

/** A place of objects, as its administrator sees it. */
export interface ObjectPlace extends HttpPlace {
  /** Every object that is a range's, with its bytes. */
  objects(): Promise<ReadonlyMap<string, Buffer>>;
  put(name: string, bytes: Buffer): Promise<void>;
  remove(name: string): Promise<void>;
}

/** @param nameIn the name of the object that a request on the way creates. */
export function otherContent(nameIn: (request: string) => string): LandingFault<ObjectPlace> {
  let planted = '';
  return {
    name: 'an object of the same name is there with other content',
    outcome: {
      stops: 'object-differs',
      mend: async ({ place }) => {
        await place.remove(planted);
        return {};
      },
    },
    cause: async (scene) => {
      const { place } = scene;
      const before = place.way.fired.length;
      place.way.spoil('delayed');
      await scene.produce();
      planted = nameIn(await scene.fires(before));
      // That of another range, without its rows.
      const [bytes = Buffer.alloc(0)] = (await place.objects()).values();
      await place.put(planted, withoutRows(bytes));
      place.way.release();
      return `an object of others at ${planted.replace(/.*\/(?=dt=)/, '')}`;
    },
  };
}
