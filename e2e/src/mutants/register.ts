import { register } from 'node:module';

import { damagesNamed } from './all.ts';
import { hookRequire } from './require-hook.ts';

/** Preloaded (`--import`) into a process whose code is to be damaged: see damage.ts. */
const names = process.env['SCORELINE_MUTANT'] ?? '';
register('./hooks.js', import.meta.url, { data: names });
hookRequire(damagesNamed(names));
