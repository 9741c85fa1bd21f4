import { fileURLToPath } from 'node:url';

import { openBench } from './bench.ts';
import { judge } from './goals.ts';
import { formatJsonLines } from './json-lines.ts';
import { serversFor } from './landing/landing-plan.ts';
import { LandingSources } from './landing/landing-sources.ts';
import type { Outcome } from './measurement.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { formatTable } from './table.ts';
import { runWork } from './works.ts';

const DIR = fileURLToPath(new URL('../../.local/bench', import.meta.url));

async function main(options: Options): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  // Standard output is for the results.
  const say = (line: string): void => console.error(line);
  const more = serversFor(options.works);
  const bench = await openBench({ dir: DIR, more, say, signal: stopping.signal });
  const sources = new LandingSources(bench);
  const outcomes: Outcome[] = [];
  try {
    for (const work of options.works)
      outcomes.push(...(await runWork(bench, work, options, sources)));
  } finally {
    await bench.close();
  }
  const judged = judge(outcomes);
  console.log((options.json ? formatJsonLines : formatTable)(outcomes, judged));
}

let options: Options | undefined;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
if (options?.help) console.log(USAGE);
else if (options !== undefined) {
  await main(options).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
