import type { InitializeHook, LoadHook } from 'node:module';

import { ALL } from './all.ts';
import { APPLIED, type Damage } from './damage.ts';

let mutant: Damage | undefined;

export const initialize: InitializeHook<string> = (name) => {
  mutant = ALL.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`no mutant is called ${name}`);
};

/** Applies the edits to the one module that they name. Code that moved on is an error, not a pass. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (mutant === undefined || !url.endsWith(mutant.module) || !loaded.source) return loaded;
  let source =
    typeof loaded.source === 'string'
      ? loaded.source
      : Buffer.from(loaded.source as Uint8Array).toString();
  for (const { find, replace } of mutant.edits) {
    if (source.split(find).length !== 2) {
      throw new Error(
        `mutant ${mutant.name}: ${JSON.stringify(find)} is not once in ${mutant.module}`,
      );
    }
    source = source.replace(find, () => replace);
  }
  process.stderr.write(`${APPLIED} ${mutant.name}\n`);
  return { ...loaded, source };
};
