import { z } from 'zod';

import type { Config, SettingsShape } from './config.ts';

/** Something wrong that one setting's own kind cannot see: the sentence begins with the setting's name. */
export interface RuleProblem {
  readonly setting: string;
  /** Complete, as an operator reads it: `low: 5 must be below high, 3`. */
  readonly message: string;
}

/**
 * A rule over several settings. It sees the values that are right by themselves, and its problems are
 * told together with those of the others, not after them.
 */
export function withRule<T extends SettingsShape>(
  settings: T,
  rule: (values: Partial<Config<T>>) => readonly RuleProblem[],
): T {
  const check = z.check<Config<T>>((payload) => {
    const wrong = new Set(payload.issues.map((issue) => issue.path?.[0]));
    const values = Object.fromEntries(
      Object.entries(payload.value).filter(([name]) => !wrong.has(name)),
    ) as Partial<Config<T>>;
    for (const { setting, message } of rule(values)) {
      payload.issues.push({
        code: 'custom',
        message,
        path: [setting],
        params: { complete: true },
        input: undefined,
        continue: true,
      });
    }
  });
  // Zod runs a check only on values without issues, unless it says otherwise.
  check._zod.def.when = () => true;
  return settings.check(check);
}
