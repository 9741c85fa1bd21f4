import { run } from 'node:test';
import { spec } from 'node:test/reporters';

import type { Totals } from './floor.ts';
import { inPlaces } from './places.ts';
import { note, Summary } from './summary.ts';
import { Turns } from './turns.ts';

/** Named at the end, with the seconds of each: where the time of a run goes. */
const SLOWEST = 10;

export interface ReportOptions {
  /** In the order in which they begin. */
  readonly files: readonly string[];
  /** How many there are, and how many a file takes. */
  readonly places: number;
  readonly placesOf: (file: string) => number;
  readonly fileTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Where the output goes. */
  readonly output: NodeJS.WritableStream;
  /** How a file is called in the output. */
  readonly nameOf: (file: string) => string;
  /** Asked when the last test has ended; each answer is a failure of the whole run. */
  readonly problems: (totals: Totals) => Promise<readonly string[]>;
}

/**
 * Runs test files, each in a process of its own, and shows them as `node --test` does. Problems of the
 * run as a whole come before the closing summary, which ends the output. Resolves with whether all is well.
 */
export async function report(options: ReportOptions): Promise<boolean> {
  const { files, places, placesOf, signal } = options;
  const screen = new spec();
  screen.pipe(options.output, { end: false });
  const turns = new Turns<unknown>((event) => screen.write(event));
  const summary = new Summary();
  const took: { readonly file: string; readonly seconds: number }[] = [];
  let failed = false;
  await inPlaces(files, places, { of: placesOf, signal }, async (file) => {
    const turn = turns.take();
    const beganAt = performance.now();
    // Node knows nothing of places, so each run is of one file.
    const events = run({ files: [file], timeout: options.fileTimeoutMs, signal });
    for await (const event of events as AsyncIterable<{ type: string; data: object }>) {
      if (event.type === 'test:fail') failed = true;
      if (!summary.takes(event)) turn.write(event);
    }
    turn.end();
    took.push({ file, seconds: (performance.now() - beganAt) / 1000 });
  });
  const problems = signal.aborted ? [] : await options.problems(summary.totals);
  for (const problem of problems) screen.write(note(`FAILED: ${problem}`));
  for (const { file, seconds } of took.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST))
    screen.write(note(`${seconds.toFixed(1).padStart(6)} s  ${options.nameOf(file)}`));
  for (const event of summary.events()) screen.write(event);
  await new Promise<void>((resolve) => {
    screen.once('end', resolve);
    screen.end();
  });
  return !failed && problems.length === 0;
}
