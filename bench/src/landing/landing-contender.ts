import { setTimeout as delay } from 'node:timers/promises';

import { type Bench, serverPid } from '../bench.ts';
import { askClickhouse } from '../clickhouse.ts';
import { assertIdentical, type Identity } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import { readCpuSeconds, readUsage, resetPeakRss } from '../proc.ts';

/** Questions cost the server time, too: they are as far apart as a hundredth of what has passed. */
const LEAST_WAIT_MS = 40;
const MOST_WAIT_MS = 500;
const TIMEOUT_MS = 600_000;

/** What both landing contenders work from. */
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
    await delay(Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, passedMs / 100)));
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
  assertIdentical(`table ${table}`, await tableIdentity(bench, table), identity);
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

async function isStable({ admin }: Bench, groupId: string): Promise<boolean> {
  const { groups } = await admin.describeGroups([groupId]);
  return groups[0]?.state === 'Stable' && groups[0].members.length > 0;
}

async function countRows(bench: Bench, table: string): Promise<number> {
  return Number(await askClickhouse(bench, `SELECT count() FROM ${table}`));
}

async function tableIdentity(bench: Bench, table: string): Promise<Identity> {
  const answer = await askClickhouse(
    bench,
    `SELECT count(), uniqExact(id), sum(id) FROM ${table} FORMAT TSV`,
  );
  const [count = 0, distinct = 0, sum = 0] = answer.split('\t').map(Number);
  return { count, distinct, sum };
}
