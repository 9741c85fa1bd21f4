import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Audit, Bucket, CapturedIds, type Retirement } from '@scoreline/ledger';

import { formatCommitMetadata } from '../commit-metadata.ts';
import type { FoundPartition } from '../resume.ts';
import { isAudited, planAudit } from './audit-plan.ts';
import { commitsIn, heldUpToOf, sinceOf } from './group-commits.ts';

const V1 = 'log_scores-v1';

interface Commit {
  readonly committed?: bigint | null;
  readonly since?: bigint;
  readonly dest?: string;
  readonly heldUpTo?: number;
  readonly metadata?: null;
}

function found(partition: number, { committed = 10n, since = 0n, dest = 'here', ...more }: Commit) {
  const metadata =
    more.metadata === null
      ? null
      : formatCommitMetadata({
          since,
          dest,
          pending: [],
          landed: null,
          ...(more.heldUpTo === undefined ? {} : { heldUpTo: more.heldUpTo }),
        });
  return {
    topic: V1,
    partition,
    group: `sink-x.${V1}`,
    committed: committed === null ? null : { offset: committed, metadata },
    logStart: 0n,
    logEnd: 100n,
  } satisfies FoundPartition;
}

function bucket(number: number, ...rows: readonly [partition: number, end: number][]): Bucket {
  const made = new Bucket(number);
  made.captured.add(1);
  for (const [partition, end] of rows) made.wrote(V1, partition, end - 1, end);
  return made;
}

const NONE = new Map<string, Retirement>();
const RETIRED = new Map([[V1, { topic: V1, ends: [40, 50] } as unknown as Retirement]]);

function plan(buckets: readonly Bucket[], commits: readonly FoundPartition[], retired = NONE) {
  const ledger = { captured: new CapturedIds(buckets), retired };
  const { buckets: chosen, waiting } = planAudit(ledger, commitsIn('here', commits), () => true);
  return [chosen, waiting.map(({ why }) => why)];
}

test('a bucket is compared once all that the ledger knows of it has been landed in this destination', () => {
  const all = [bucket(3, [0, 10], [1, 5]), bucket(1, [0, 11])];
  assert.deepEqual(plan(all, [found(0, {}), found(1, { committed: 5n })]), [
    [3],
    ['log_scores-v1[0] has been landed up to 10, and has its rows up to 11'],
  ]);
  const nothing = 'nothing of log_scores-v1[0] has been landed in this destination';
  for (const commit of [{ committed: null }, { dest: 'there' }, { metadata: null }] as Commit[]) {
    assert.deepEqual(plan([bucket(1, [0, 1])], [found(0, commit)]), [[], [nothing]]);
  }
  assert.deepEqual(plan([bucket(1, [2, 1])], [found(0, {})]), [
    [],
    ['there is no log_scores-v1[2]'],
  ]);
  assert.deepEqual(plan([bucket(1)], [found(0, {})]), [
    [],
    ['the ledger does not say where its rows are'],
  ]);
});

test('of a retired topic every row was landed before it was retired', () => {
  assert.deepEqual(plan([bucket(1, [0, 99])], [], RETIRED), [[1], []]);
});

test('a run counts from where it began, and not before the group has gone on from rows that no ledger has', () => {
  const checkpoint = { topicEnds: { [V1]: [7, 7, 7, 7, 7] } };
  const commits = commitsIn('here', [
    found(0, { since: 3n }),
    found(1, { since: 8n, committed: 8n }),
    found(2, { since: 8n, committed: 9n }),
    found(3, { committed: null }),
    found(4, { dest: 'there' }),
  ]);
  const ledger = { checkpoint, retired: NONE } as unknown as Parameters<typeof sinceOf>[1];
  assert.deepEqual(sinceOf(commits, ledger), { [V1]: [3, -1, 8, -1, -1] });
  assert.deepEqual(sinceOf(commits, { ...ledger, retired: RETIRED }), { [V1]: [40, 50] });
});

test('rows of others count up to the highest bound that a group has found', () => {
  assert.equal(heldUpToOf(commitsIn('here', [found(0, {})])), undefined);
  const commits = [
    found(0, { heldUpTo: 7 }),
    found(1, { heldUpTo: 9 }),
    found(2, { dest: 'there', heldUpTo: 99 }),
  ];
  assert.equal(heldUpToOf(commitsIn('here', commits)), 9);
});

test('an audit says enough while the count is the same, and the runs have not begun later', () => {
  const one = bucket(4, [0, 5]);
  const since = { [V1]: [3, 3] };
  const audit: Audit = { from: 3, counts: [9, 1], dest: 'here', since, atMs: 0 };
  const now = { dest: 'here', since };
  assert.ok(isAudited(one, [audit], now));
  assert.ok(isAudited(one, [audit], { dest: 'here', since: { [V1]: [2, -1] } }));
  assert.ok(!isAudited(one, [audit], { dest: 'here', since: { [V1]: [3, 4] } }));
  assert.ok(!isAudited(one, [audit], { ...now, dest: 'there' }));
  assert.ok(!isAudited(one, [{ ...audit, counts: [9, 2] }], now));
  assert.ok(!isAudited(one, [{ ...audit, counts: [9] }], now));
  assert.ok(!isAudited(one, [], now));
});
