import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { whoAmI } from '@scoreline/service';

import { cleanupBound, type PurgeConfig } from '../config.ts';
import { Allowance } from '../pace/allowance.ts';
import { isWithin } from '../pace/purge-window.ts';
import type { Clock } from './ports.ts';
import type { PurgerGround } from './purger.ts';

/** What of a purge's ground the settings and the process say. */
export type Settled = Pick<
  PurgerGround,
  | 'policy'
  | 'limits'
  | 'switches'
  | 'allowance'
  | 'mostChunkRows'
  | 'proofMaxAgeMs'
  | 'coolDownMs'
  | 'patience'
  | 'by'
  | 'clock'
>;

/** A service has time; somebody waits for what an action says. */
const PATIENCE = {
  service: { captureMs: 60_000, throttleMs: Number.POSITIVE_INFINITY },
  once: { captureMs: 30_000, throttleMs: 10_000 },
  look: { captureMs: 15_000, throttleMs: 0 },
} as const;

export type WhoWaits = keyof typeof PATIENCE;

export function settledGround(config: PurgeConfig, whoWaits: WhoWaits): Settled {
  const bound = cleanupBound(config);
  return {
    policy: {
      sinks: config.sinks,
      excluded: config.purge_excluded,
      declined: config.purge_declined,
      verify: config.purge_verify,
    },
    limits: {
      replicaLagMs: config.max_replica_lag,
      threadsRunning: config.max_threads_running,
      criticalThreadsRunning: config.critical_threads_running,
      historyListLength: config.max_history_list_length,
      captureLagMs: config.max_capture_lag,
    },
    switches: () => ({
      paused: isThere(config.purge_pause_file),
      inWindow: isWithin(config.purge_window ?? [], new Date()),
    }),
    allowance: bound === null ? null : new Allowance(bound),
    mostChunkRows: bound?.rows,
    proofMaxAgeMs: config.proof_max_age,
    coolDownMs: config.cool_down,
    patience: PATIENCE[whoWaits],
    by: `${whoAmI()} ${process.pid}`,
    clock: systemClock,
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};

/** A file that cannot be looked for may be there. */
function isThere(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
