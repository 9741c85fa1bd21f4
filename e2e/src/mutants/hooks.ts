import type { InitializeHook, LoadHook } from 'node:module';

import { damagesNamed } from './all.ts';
import { applyAll } from './apply.ts';
import type { Damage } from './damage.ts';

let damages: readonly Damage[] = [];

export const initialize: InitializeHook<string> = (names) => {
  damages = damagesNamed(names);
};

/** Damages what is imported. CommonJS comes by require-hook.ts. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (loaded.format === 'commonjs' || !loaded.source) return loaded;
  const source =
    typeof loaded.source === 'string'
      ? loaded.source
      : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: applyAll(damages, url, source) };
};
