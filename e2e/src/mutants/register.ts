import { register } from 'node:module';

/** Preloaded (`--import`) into a service process whose code is to be damaged: see damage.ts. */
register('./hooks.js', import.meta.url, { data: process.env['SCORELINE_MUTANT'] });
