import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { die, LOCAL, ROOT } from './cli/common.ts';
import { removeLeftoverDatabases } from './databases/index.ts';
import { Stack } from './stack.ts';
import { readFloor, shortfalls, untestedWorkspaces } from './test-run/floor.ts';
import { removeLeftovers, runFolder } from './test-run/leftovers.ts';
import { Places, placesOn } from './test-run/places.ts';
import { report } from './test-run/report.ts';
import { serversFor } from './test-run/servers-for.ts';
import { workspaces } from './test-run/test-files.ts';

/** The kill tests move hundreds of thousands of rows; whatever takes longer hangs. */
const FILE_TIMEOUT_MS = 20 * 60_000;

async function main(only: string | undefined, signal: AbortSignal): Promise<boolean> {
  const floor = await readFloor(join(ROOT, 'deploy/local/test-floor.json'));
  const all = await workspaces(ROOT);
  const files = all
    .flatMap((one) => one.tests)
    .filter((file) => only === undefined || file.slice(ROOT.length).includes(only));
  if (files.length === 0) throw new Error(`no test file's path contains ${only ?? ''}`);

  await removeLeftovers(LOCAL);
  const say = (line: string): void => console.error(line);
  const stack = new Stack({ dir: runFolder(LOCAL), only: serversFor(files), brief: true, say });
  try {
    await stack.up(signal);
    Object.assign(process.env, stack.env(), { REQUIRE_SERVERS: '1' });
    const places = new Places(ROOT);
    return await report({
      files: places.order(files),
      places: placesOn(availableParallelism()),
      placesOf: (file) => places.of(file),
      output: process.stdout,
      nameOf: (file) => relative(ROOT, file),
      fileTimeoutMs: FILE_TIMEOUT_MS,
      signal,
      problems: async (totals) => [
        ...(await stack.failures()),
        // A developer's selection proves nothing about the whole.
        ...(only === undefined
          ? [...untestedWorkspaces(all, floor), ...shortfalls(totals, floor)]
          : []),
      ],
    });
  } finally {
    await stack.destroy();
    await removeLeftoverDatabases();
  }
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}
try {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const isGood = await main(values.only, stopping.signal);
  // Test files that leave a handle open must not keep the run from ending.
  process.exit(isGood && !stopping.signal.aborted ? 0 : 1);
} catch (error) {
  die(error);
}
