import assert from 'node:assert/strict';

import { until } from '@scoreline/testing';

import type { Pipeline } from './pipeline.ts';
import type { SinkProcess } from './sink-process.ts';

export interface Kills {
  /** `clickhouse` */
  readonly sink: string;
  readonly kills: number;
  readonly start: () => SinkProcess;
  /** Before each kill, numbered from 0: so many rows that ranges become pending. */
  readonly produce: (kill: number) => Promise<void>;
}

/**
 * Two members of a sink's group are killed in turns, each with a range pending, and replaced. Returns
 * when everything has landed and both have stopped in order: what is at the destination is for the
 * caller to compare.
 */
export async function killMembers(
  p: Pipeline,
  { sink, kills, start, produce }: Kills,
): Promise<void> {
  const members = [start(), start()];
  let before = '';
  for (let kill = 0; kill < kills; kill++) {
    await produce(kill);
    // Of a member that is alive: what the one killed before has left pending is not meant.
    const seen = before;
    before = await until(
      async () => {
        const now = await pendingOf(p, sink);
        return now === seen ? '' : now;
      },
      { what: `a range pending before kill ${kill}`, timeoutMs: 90_000, everyMs: 1 },
    );
    await members[kill % 2]!.kill('SIGKILL');
    before = await pendingOf(p, sink);
    members[kill % 2] = start();
  }
  await until(async () => (await p.lag(sink)) === 0, { what: 'lag 0', timeoutMs: 90_000 });
  for (const member of members) {
    // The others may have landed everything before one that was started last had begun.
    await until(() => member.output().includes('"msg":"running"'), { what: 'a member that runs' });
    assert.equal(await member.kill('SIGTERM'), 0, member.output());
  }
}

/** The commits that say that ranges may have been started; empty when none does. */
export async function pendingOf(p: Pipeline, sink: string): Promise<string> {
  const metadata = [...(await p.commits(sink)).values()].map((commit) => commit.metadata);
  return metadata.filter((text) => /"pending":\["/.test(text)).join('\n');
}
