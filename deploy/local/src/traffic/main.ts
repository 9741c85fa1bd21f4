import { parseArgs } from 'node:util';

import { backlogClock } from './backlog.ts';
import { createSchema } from './create-schema.ts';
import { startTraffic, type TrafficStats } from './traffic.ts';
import type { Commit } from './writer.ts';

const USAGE = `node deploy/local/dist/traffic/main.js [--rate ROWS_PER_S] [--seed N] [--rows N [--backlog-days N]]
writes to the database that ADMIN_DSN names; --rate 0 is as fast as it goes; with --backlog-days the first
half of the rows was measured so long ago`;

/** What this process tells its parent, if it has one: newest commit and counts, ten times a second. */
export interface TrafficReport {
  readonly stats: TrafficStats;
  readonly newest: Commit | null;
}

const REPORT_EVERY_MS = 100;

try {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      rows: { type: 'string' },
      'backlog-days': { type: 'string', default: '0' },
    },
  });
  const dsn = process.env['ADMIN_DSN'] ?? '';
  if (dsn === '') throw new Error(`ADMIN_DSN is not set: source .local/stack.env\n${USAGE}`);
  await createSchema(dsn);
  let newest: Commit | null = null;
  const rows = values.rows === undefined ? null : wholeNumber('rows', values.rows);
  const days = wholeNumber('backlog-days', values['backlog-days']);
  if (days > 0 && rows === null) throw new Error(`--backlog-days needs --rows\n${USAGE}`);
  const traffic = startTraffic(dsn, {
    rate: wholeNumber('rate', values.rate),
    seed: wholeNumber('seed', values.seed),
    rows,
    ...(rows === null ? {} : { clock: backlogClock({ rows, days }) }),
    onCommit: (commit) => {
      newest = commit;
    },
  });
  const report = (): void => {
    process.send?.({ stats: traffic.stats(), newest } satisfies TrafficReport);
  };
  const timer = setInterval(report, REPORT_EVERY_MS);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void traffic.stop().catch(() => {}));
  }
  // The parent is gone: nobody wants this traffic any more.
  process.once('disconnect', () => void traffic.stop().catch(() => {}));
  await traffic.done;
  clearInterval(timer);
  report();
  const { committed, undone, steps } = traffic.stats();
  console.log(`${committed} rows committed, ${undone} undone, in ${steps} steps`);
  if (process.connected) process.disconnect();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Error(`--${name}: expected a whole number, got ${JSON.stringify(text)}\n${USAGE}`);
  }
  return value;
}
