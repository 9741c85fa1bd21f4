import assert from 'node:assert/strict';
import { test } from 'node:test';

import { purgeAsAnOperator } from './purge-verbs.ts';

/** Answers as the purge does, to whom gives the digest of the latest plan. */
function purge(refused: string | null = null) {
  const asked: string[] = [];
  return {
    asked,
    run: async (...args: string[]): Promise<readonly string[]> => {
      asked.push(args.join(' '));
      if (refused !== null && args.includes(refused)) throw new Error('waiting: 5 rows');
      if (args.includes('--plan-digest')) return ['landed', 'it is so now'];
      if (args[0] === '--promote') return ['landed', `to apply it, add --plan-digest d${args[2]}`];
      return ['log_scores', '', `answer to ${args[0]}`];
    },
  };
}

test('each sink is promoted by the digest of its own plan, then what is old is explained and deleted', async () => {
  const one = purge();
  const said: string[] = [];
  await purgeAsAnOperator({ purge: one, sinks: ['gcs', 's3'], say: (text) => said.push(text) });
  assert.deepEqual(one.asked, [
    '--promote --sink gcs --why the demo',
    '--promote --sink gcs --why the demo --plan-digest dgcs',
    '--promote --sink s3 --why the demo',
    '--promote --sink s3 --why the demo --plan-digest ds3',
    '--explain',
    '--once',
  ]);
  assert.deepEqual(said, [
    "$ purge --promote --sink gcs --why 'the demo' --plan-digest dgcs",
    '  it is so now',
    "$ purge --promote --sink s3 --why 'the demo' --plan-digest ds3",
    '  it is so now',
    '$ purge --explain',
    '  log_scores',
    '  answer to --explain',
    '$ purge --once',
    '  log_scores',
    '  answer to --once',
  ]);
});

test('what the purge refuses ends it, and nothing is deleted after that', async () => {
  const one = purge('--explain');
  const done = purgeAsAnOperator({ purge: one, sinks: ['gcs'], say: () => {} });
  await assert.rejects(done, /waiting: 5 rows/);
  assert.equal(one.asked.at(-1), '--explain');
});
