import type { Backlog } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { drainWindow } from '../drain-window.ts';
import { assertIdentical } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import { readUsage } from '../proc.ts';
import type { MeasuredProcess } from '../process.ts';
import { readIdentity, watchTopic } from '../topics.ts';

export interface Drained {
  readonly topic: string;
  readonly process: MeasuredProcess;
  /** Finds a row's id in a record. */
  readonly id: (value: Buffer) => number;
}

/** Watches a started process bring the backlog into its topic; stops it; reads the topic back. */
export async function measureCapture(
  bench: Bench,
  { identity }: Backlog,
  { topic, process, id }: Drained,
): Promise<Measured> {
  const rows = identity.count;
  try {
    const samples = await watchTopic(bench, { topic, rows, process });
    const rssMb = readUsage(process.pid).peakRssMb;
    await process.stop();
    const seen = await readIdentity(bench, { topic, rows, id });
    assertIdentical(`topic ${topic}`, seen, identity);
    return { ...drainWindow(samples, rows), rssMb };
  } finally {
    await process.stop();
  }
}
