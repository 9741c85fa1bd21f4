import { run } from 'node:test';
import { spec } from 'node:test/reporters';

import type { Totals } from './floor.ts';

export interface ReportOptions {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly fileTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Asked when the last test has ended; each answer is a failure of the whole run. */
  readonly problems: (totals: Totals) => Promise<readonly string[]>;
}

/** `tests 12`, without a file: a line of the closing summary. */
const SUMMARY = /^(tests|skipped|todo) (\d+)$/;

/**
 * Runs test files, each in a process of its own, and shows them as `node --test` does. Problems of the
 * run as a whole come before the closing summary, which ends the output. Resolves with whether all is well.
 */
export async function report(options: ReportOptions): Promise<boolean> {
  const events = run({
    files: [...options.files],
    concurrency: options.concurrency,
    timeout: options.fileTimeoutMs,
    signal: options.signal,
  });
  const screen = new spec();
  screen.pipe(process.stdout);
  const totals = { tests: 0, skipped: 0, todo: 0 };
  const summary: unknown[] = [];
  let failed = false;
  for await (const event of events as AsyncIterable<{ type: string; data: object }>) {
    if (event.type === 'test:fail') failed = true;
    if (isSummary(event)) {
      const [, name, count] = SUMMARY.exec(event.data.message) ?? [];
      if (name !== undefined) totals[name as keyof Totals] = Number(count);
      summary.push(event);
    } else screen.write(event);
  }
  const problems = options.signal.aborted ? [] : await options.problems(totals);
  for (const problem of problems) screen.write(note(`FAILED: ${problem}`));
  for (const event of summary) screen.write(event);
  await new Promise<void>((resolve) => {
    screen.once('end', resolve);
    screen.end();
  });
  return !failed && problems.length === 0;
}

/** Diagnostics of the run as a whole belong to no file. */
function isSummary(event: {
  type: string;
  data: object;
}): event is { type: 'test:diagnostic'; data: { message: string } } {
  return event.type === 'test:diagnostic' && (event.data as { file?: string }).file === undefined;
}

function note(message: string): unknown {
  return { type: 'test:diagnostic', data: { nesting: 0, message } };
}
