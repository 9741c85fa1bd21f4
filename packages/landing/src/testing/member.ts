import { createMetrics, loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { runSink } from '../run-sink.ts';
import { landingSettings } from '../settings.ts';
import type { RangeLimits } from '../sink.ts';
import { FolderSink, type Moment } from './folder-sink.ts';
import { quiet } from './pipeline.ts';

/** What a member that runs in a process of its own is told, as JSON in its last argument. */
export interface MemberOrders {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly limits: Partial<RangeLimits>;
  /** The first range of the partition hangs here; when the others in flight are durable the process kills itself. */
  readonly diesAt: Moment | null;
}

const { env, folder, limits, diesAt } = JSON.parse(process.argv.at(-1)!) as MemberOrders;
const others = (limits.inFlight ?? 1) - 1;
let durable = 0;

const sink = new FolderSink(folder, limits, async (moment, range) => {
  if (diesAt === null) return;
  if (range.first === 0n && moment === diesAt) await new Promise(() => {});
  if (moment === 'durable' && ++durable === others) process.kill(process.pid, 'SIGKILL');
});
const config = loadConfig(z.object(landingSettings), env);
for (const part of runSink(sink, { config, log: quiet, metrics: createMetrics() })) {
  await part.start(new AbortController().signal);
}
