import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { ConfigError, PermanentError } from '../errors.ts';
import { main, type ServiceContext } from '../main.ts';
import type { Part } from '../part.ts';
import { serviceSettings } from '../service-settings.ts';
import { choice, ignored, integer, secret, withFacts } from '../settings.ts';

/** The program that main.test.ts starts. */
const settings = z.object({
  ...serviceSettings,
  mode: choice(['drain', 'deaf', 'fail', 'crash', 'misfit', 'bug'], 'drain').describe(
    'What the part does.',
  ),
  password: secret().describe('A secret.'),
  wait: ignored('Nothing waits.'),
  batch: withFacts(integer(1).describe('Batch.'), { newlyEffective: true }),
});

const build = ({ config, log }: ServiceContext<z.infer<typeof settings>>): Part[] => {
  if (config.mode === 'misfit') {
    throw new ConfigError(`mode: misfit with ${config.password}`, {
      code: 'misfit',
      remedy: 'Set another.',
    });
  }
  if (config.mode === 'bug') throw new Error('nobody caught this');
  const part: Part = {
    name: 'sample',
    start: async () => {
      log.info({ passwordLength: config.password.length }, 'started');
      if (config.mode === 'crash')
        setImmediate(() => void Promise.reject(new Error('nobody caught this')));
      if (config.mode === 'fail') {
        throw new ConfigError(`no access with ${config.password}`, { code: 'sample-failed' });
      }
    },
    stop: async () => {
      if (config.mode === 'deaf') await new Promise(() => {});
      log.info('drained');
    },
  };
  return [part];
};

await main('sample', settings, build, {
  'say-so': {
    description: 'Says what the mode is.',
    run: async ({ config, print, signal, log }) => {
      log.info('nobody asked for this');
      print(`mode=${config.mode} password=${config.password}`);
      if (config.mode === 'fail') {
        throw new PermanentError('it failed', { code: 'sample-failed', remedy: 'Try again.' });
      }
      if (config.mode === 'deaf') await delay(60_000, undefined, { signal });
      return config.mode === 'drain' ? 0 : 3;
    },
  },
});
