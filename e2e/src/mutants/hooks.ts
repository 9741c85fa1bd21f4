import type { InitializeHook, LoadHook } from 'node:module';

import { damageNamed } from './all.ts';
import { apply } from './apply.ts';
import type { Damage } from './damage.ts';

let damage: Damage | undefined;

export const initialize: InitializeHook<string> = (name) => {
  damage = damageNamed(name);
};

/** Damages what is imported. CommonJS comes by require-hook.ts. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (damage === undefined || loaded.format === 'commonjs' || !loaded.source) return loaded;
  const source =
    typeof loaded.source === 'string'
      ? loaded.source
      : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: apply(damage, url, source) };
};
