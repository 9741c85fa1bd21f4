import type { Generation, LandingScope } from './generation.ts';

/** What /status shows of landing: per partition the commit, what is open beyond it, and the last range. */
export function landingStatus(scope: LandingScope, generation: Generation | null): unknown {
  const { topic, group, ledgerUuid, destination } = scope;
  return {
    topic,
    group,
    ledgerUuid,
    destination: destination.name,
    dest: destination.fingerprint,
    ...generation?.membership,
    ready: generation?.isReady ?? false,
    partitions: Object.fromEntries(
      [...(generation?.landings ?? [])].map(([partition, landing]) => {
        const { committed, since, pending, landed, quarantined, heldUpTo } = landing.progress;
        const { lag, bufferedBytes, openRows, openBytes, leavingBytes, inFlight, waitsFor } =
          landing;
        const open = { rows: openRows, bytes: bufferedBytes };
        const spooledBytes = openBytes + leavingBytes;
        return [
          partition,
          {
            committed,
            lag,
            since,
            pending,
            open,
            inFlight,
            spooledBytes,
            waitsFor,
            landed,
            quarantined,
            heldUpTo,
          },
        ];
      }),
    ),
  };
}
