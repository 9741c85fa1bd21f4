import { register } from 'node:module';

import { damageNamed } from './all.ts';
import { hookRequire } from './require-hook.ts';

/** Preloaded (`--import`) into a process whose code is to be damaged: see damage.ts. */
const name = process.env['SCORELINE_MUTANT'] ?? '';
register('./hooks.js', import.meta.url, { data: name });
hookRequire(damageNamed(name));
