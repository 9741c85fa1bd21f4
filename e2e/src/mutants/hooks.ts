import type { InitializeHook, LoadHook } from 'node:module';

import { APPLIED, type Mutant, MUTANTS } from './mutants.ts';

let mutant: Mutant | undefined;

export const initialize: InitializeHook<string> = (name) => {
  mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`no mutant is called ${name}`);
};

/** Applies the mutant's edits to the one module that it names. Code that moved on is an error, not a pass. */
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
