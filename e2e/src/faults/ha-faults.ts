import { kafkaErrorType } from '@scoreline/kafka';
import { until } from '@scoreline/testing';

import { killDumps, killLockHolder } from '../harness/kill-sessions.ts';
import { behindGate, shut } from './behind-gate.ts';
import type { Fault } from './fault.ts';
import { lockLost, sessionEnded } from './session-ended.ts';

/** Whoever shares something with capture, or takes it away: its id at the brokers, its lock, its registry. */
export const HA_FAULTS: readonly Fault[] = [
  {
    // Whoever holds the lock fences again: the broker says the same of a stranger and of a slow transaction.
    name: 'a stranger takes the transactional id',
    outcome: 'goes on',
    cause: async ({ pipeline, prefix, capture }) => {
      const transactionalId = `${prefix}scoreline-capture-log_scores`;
      const stranger = pipeline.kafka.producer({ transactionalId });
      await stranger.connect();
      try {
        const transaction = await stranger.transaction();
        await transaction.abort();
      } catch (error) {
        // Capture takes it back each time that the stranger asks, and begins a transaction, which is to be waited for.
        if (kafkaErrorType(error) !== 'CONCURRENT_TRANSACTIONS') throw error;
      } finally {
        await stranger.disconnect();
      }
      return sessionEnded(capture, /^producer-fenced/);
    },
  },
  {
    name: 'the session that holds the lock is killed',
    outcome: 'goes on',
    cause: async ({ adminDsn, prefix, capture }) => {
      const killed = await killLockHolder(adminDsn, `${prefix}scoreline-capture-log_scores`);
      return `session ${killed}: ${await lockLost(capture)}`;
    },
  },
  behindGate(
    {
      name: 'the registry goes away after the start',
      outcome: 'goes on',
    },
    async ({ adminDsn, capture }, gate) => {
      const refused = await shut(gate);
      // Another session, which might want to ask it again.
      await killDumps(adminDsn);
      return `${refused}; then ${await sessionEnded(capture)}`;
    },
  ),
  behindGate(
    {
      name: 'the registry is away at a start',
      outcome: 'goes on',
    },
    async ({ capture }, gate) => {
      await capture.kill();
      const refused = await shut(gate);
      await capture.start();
      const state = await until(
        async () => {
          const { state = '' } = ((await capture.status())?.['capture'] ?? {}) as {
            state?: string;
          };
          return state.startsWith('waiting for the schema registry') ? state : null;
        },
        { what: 'capture to say what it waits for' },
      );
      await gate.open();
      await capture.ready();
      return `${refused}; ${state}`;
    },
  ),
];
