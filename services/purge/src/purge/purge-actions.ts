import type { ActionContext, ServiceContext } from '@scoreline/service';

import { type PurgeConfig, retentionDays } from '../config.ts';
import { printReport } from '../report/print-report.ts';
import type { ReportFacts } from '../report/report-json.ts';
import { Report } from '../report/report.ts';
import { type Wired, wirePurge } from '../wire.ts';
import { systemClock, type WhoWaits } from './ground.ts';
import { runOnce } from './run-once.ts';

type Context = ServiceContext<PurgeConfig> & ActionContext;

/** Deletes what may be deleted now. Resolves with whether nothing waits and nothing is refused. */
export async function once(context: Context): Promise<boolean> {
  return withPurge(context, 'once', async (wired) => {
    const report = await runOnce({ ...wired, clock: systemClock }, context.signal);
    tell(report, context, 'once');
    return report.isDone;
  });
}

/** Says what would be deleted, and what stays. */
export async function look(context: Context, mode: 'dry-run' | 'explain'): Promise<boolean> {
  return withPurge(context, 'look', async ({ purger }) => {
    const report = new Report();
    const signal = new AbortController().signal;
    await purger.look(report, { stopping: context.signal, signal });
    tell(report, context, mode);
    return report.isDone;
  });
}

async function withPurge<T>(
  context: Context,
  whoWaits: WhoWaits,
  work: (wired: Wired) => Promise<T>,
): Promise<T> {
  const wired = wirePurge(context, whoWaits);
  try {
    return await work(wired);
  } finally {
    await wired.close();
  }
}

function tell(report: Report, { config, print }: Context, mode: ReportFacts['mode']): void {
  const facts = {
    table: config.table ?? config.app_default_table,
    atMs: systemClock.now(),
    retentionDays: retentionDays(config),
    mode,
  };
  printReport(report, facts, { format: config.format, print });
}
