import { APPLIED, type Damage } from './damage.ts';

/** One after the other: what a later one changes may be what an earlier one has put there. */
export function applyAll(damages: readonly Damage[], url: string, source: string): string {
  return damages.reduce((damaged, damage) => apply(damage, url, damaged), source);
}

/**
 * The source of a module, damaged if it is the one that is to be; then it is told on standard error.
 * Code that moved on is an error, not a pass.
 */
function apply({ name, module, edits }: Damage, url: string, source: string): string {
  if (!url.endsWith(module)) return source;
  let damaged = source;
  for (const { find, replace } of edits) {
    if (damaged.split(find).length !== 2) {
      throw new Error(`mutant ${name}: ${JSON.stringify(find)} is not once in ${module}`);
    }
    damaged = damaged.replace(find, () => replace);
  }
  process.stderr.write(`${APPLIED} ${name}\n`);
  return damaged;
}
