import { fileURLToPath } from 'node:url';

import {
  removeLeftoverDatabases,
  removeLeftovers,
  runFolder,
  SERVER_NAMES,
  Stack,
} from '@scoreline/local';

import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runMutant, type Verdict } from './run-mutant.ts';

const LOCAL = fileURLToPath(new URL('../../../.local', import.meta.url));

/** `npm run test:mutants [-- PART...]`: those whose name, or pitfall, is asked for; all by default. */
function chosen(wanted: readonly string[]): readonly Mutant[] {
  const found = MUTANTS.filter(
    ({ name, pitfalls }) =>
      wanted.length === 0 || wanted.some((one) => name.includes(one) || pitfalls.includes(one)),
  );
  if (found.length === 0)
    throw new Error(`no mutant is called, or of the pitfall, ${wanted.join(' or ')}`);
  return found;
}

function line({ name, pitfalls, shownBy, test }: Mutant, { outcome, said }: Verdict): string {
  const reason = outcome === 'killed' ? said.replaceAll(/\s+/g, ' ').trim() : `\n${said}`;
  const place = shownBy.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
  return [outcome, name, pitfalls.join(' ') || '-', `${place}: ${test}`, reason].join(' | ');
}

/** One after the other: two would disturb each other's timing. */
async function runAll(mutants: readonly Mutant[], signal: AbortSignal): Promise<boolean> {
  let killed = 0;
  for (const [index, mutant] of mutants.entries()) {
    console.error(`${index + 1}/${mutants.length} ${mutant.name}`);
    const verdict = await runMutant(mutant, signal);
    console.error(`  ${verdict.seconds.toFixed(1)} s`);
    console.log(line(mutant, verdict));
    if (verdict.outcome === 'killed') killed++;
  }
  console.log(`${killed} of ${mutants.length} mutants killed`);
  return killed === mutants.length;
}

async function main(wanted: readonly string[], signal: AbortSignal): Promise<boolean> {
  const mutants = chosen(wanted);
  const needed = SERVER_NAMES.filter((name) => mutants.some(({ needs }) => needs.includes(name)));
  await removeLeftovers(LOCAL);
  const stack = new Stack({
    dir: runFolder(LOCAL),
    only: needed,
    brief: true,
    say: (text) => console.error(text),
  });
  try {
    if (needed.length > 0) await stack.up(signal);
    Object.assign(process.env, stack.env(), { REQUIRE_SERVERS: '1' });
    return await runAll(mutants, signal);
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
  const isGood = await main(process.argv.slice(2), stopping.signal);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
