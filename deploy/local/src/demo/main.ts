import { setTimeout as delay } from 'node:timers/promises';

import { LOCAL } from '../cli/common.ts';
import { descendants } from '../processes.ts';
import { Demo } from './demo.ts';
import { type DemoOptions, parseOptions, UsageError } from './options.ts';

/** Whatever has not ended by then is killed, and gone soon: Ctrl-C has ended everything after ten seconds. */
const END_WITHIN_MS = 7_500;
const SETTLE_MS = 2_000;

process.exitCode = await main();
// Sockets of clients that were cut off by the end of their servers may still be trying.
process.exit();

async function main(): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseOptions(process.argv.slice(2), LOCAL);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  const demo = new Demo(options);
  const stopping = new AbortController();
  const stopped = new Promise<number>((resolve) => {
    const stop = (): void => {
      if (stopping.signal.aborted) void demo.kill();
      stopping.abort();
      resolve(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
  const running = demo.run(stopping.signal);
  let code: number;
  try {
    code = await Promise.race([running, stopped]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    code = 1;
  }
  await end(demo, running);
  return code;
}

async function end(demo: Demo, running: Promise<number>): Promise<void> {
  const force = setTimeout(() => void demo.kill(), END_WITHIN_MS);
  await demo.end();
  // What was just being started when the stop came was not there yet to be ended.
  await Promise.race([running.catch(() => {}), delay(SETTLE_MS)]);
  await demo.end();
  clearTimeout(force);
  // A download, for one.
  for (const pid of descendants(process.pid)) process.kill(pid, 'SIGTERM');
}
