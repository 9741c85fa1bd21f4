import { setTimeout as delay } from 'node:timers/promises';

import { type Bench, serverPid } from '../bench.ts';
import { askClickhouse, identityIn } from '../clickhouse.ts';
import { assertIdentical, type Identity } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import { readCpuSeconds, readUsage, resetPeakRss } from '../proc.ts';
import { isStable } from './group.ts';
import { mayAskAfterMs, TIMEOUT_MS } from './pace.ts';

/** What all landing contenders work from. */
export interface LandingSource {
  readonly topic: string;
  readonly prefix: string;
  readonly identity: Identity;
}

export interface Landing {
  readonly groupId: string;
  /** Where the rows arrive, with its database. */
  readonly table: string;
  /** Null where ClickHouse itself is what is measured. */
  readonly pid: number | null;
  /** Throws when it cannot go on. Called at every sample, so it should be cheap. */
  readonly check: () => Promise<void>;
}

/**
 * From the moment the consumer has its partitions until every row can be counted: inserts are few
 * and large, so that a slope between them would flatter whoever makes the largest.
 */
export async function measureLanding(
  bench: Bench,
  identity: Identity,
  { groupId, table, pid, check }: Landing,
): Promise<Measured> {
  const server = serverPid(bench, 'clickhouse');
  const begun = performance.now();
  const wait = async (what: string): Promise<void> => {
    bench.signal.throwIfAborted();
    await check();
    const passedMs = performance.now() - begun;
    if (passedMs > TIMEOUT_MS) throw new Error(`${what} after ${TIMEOUT_MS / 1000} s`);
    await delay(mayAskAfterMs(passedMs));
  };
  resetPeakRss(server);
  while (!(await isStable(bench, groupId))) await wait(`group ${groupId} has no member`);
  const startedAt = performance.now();
  const own = pid === null ? null : readCpuSeconds(pid);
  const serverBefore = readCpuSeconds(server);
  for (;;) {
    const landed = await countRows(bench, table);
    if (landed >= identity.count) break;
    await wait(`${landed} of ${identity.count} rows have landed`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const serverUsage = readUsage(server);
  const serverCpuSeconds = serverUsage.cpuSeconds - serverBefore;
  const ownUsage = pid === null ? null : readUsage(pid);
  assertIdentical(`table ${table}`, await identityIn(bench, table), identity);
  return {
    rows: identity.count,
    seconds,
    ...(ownUsage === null || own === null
      ? { cpuSeconds: serverCpuSeconds, rssMb: serverUsage.peakRssMb }
      : {
          cpuSeconds: ownUsage.cpuSeconds - own,
          serverCpuSeconds,
          rssMb: ownUsage.peakRssMb,
        }),
  };
}

async function countRows(bench: Bench, table: string): Promise<number> {
  return Number(await askClickhouse(bench, `SELECT count() FROM ${table}`));
}
