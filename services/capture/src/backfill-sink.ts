import { setTimeout as delay } from 'node:timers/promises';

import { sinkGroupName } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

export interface LandedOptions {
  readonly sink: string;
  /** By topic and partition, the offset after its last row. */
  readonly ends: Readonly<Record<string, readonly number[]>>;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

const POLL_MS = 500;
const SAY_EVERY_MS = 10_000;

/**
 * Until the sink's own groups are past these ends: then every row below has landed by them, or is of those for
 * which the sink began too late. They bring none of them any more, so that a backfill may.
 *
 * @throws PermanentError `backfill-no-sink`
 */
export async function untilLanded(
  admin: Pick<Admin, 'fetchOffsets'>,
  { sink, ends, signal, print }: LandedOptions,
): Promise<void> {
  for (const [topic, wanted] of Object.entries(ends)) {
    const group = sinkGroupName(sink, topic);
    for (let saidAt = -Infinity; ; await delay(POLL_MS, undefined, { signal })) {
      const lag = await lagOf(admin, { group, topic, wanted });
      if (lag === 0) break;
      if (performance.now() - saidAt < SAY_EVERY_MS) continue;
      saidAt = performance.now();
      print(`waiting for ${group}, which lacks ${lag} offsets of what is captured now`);
    }
  }
}

async function lagOf(
  admin: Pick<Admin, 'fetchOffsets'>,
  { group, topic, wanted }: { group: string; topic: string; wanted: readonly number[] },
): Promise<number> {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committed = new Map(
    found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
  );
  let lag = 0;
  for (const [partition, end] of wanted.entries()) {
    const offset = committed.get(partition) ?? -1;
    if (end > 0 && offset < 0) throw noSink(group, `${topic}[${partition}]`);
    lag += Math.max(0, end - Math.max(0, offset));
  }
  return lag;
}

function noSink(group: string, where: string): PermanentError {
  return new PermanentError(`the group ${group} has no offset for ${where}`, {
    code: 'backfill-no-sink',
    remedy:
      'Check backfill_sink, and start the sink first: a row is backfilled when the sink’s own group is past it, so that it cannot land twice.',
  });
}
