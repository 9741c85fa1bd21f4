import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Admin } from 'kafkajs';

import { formatCommitMetadata } from './commit-metadata.ts';
import { beginningOf, heldBefore } from './other-topics.ts';
import { progress } from './progress.ts';
import type { FoundPartition } from './resume.ts';

const DEST = 'table-1';
const TABLE = { name: 'a table', fingerprint: DEST, holdsRows: true };
const OTHER = { topic: 't-v1', group: 'sink-x.t-v1' };
const SCOPE = { topic: 't-v2', destination: TABLE, others: [OTHER] };

const RANGE = { first: 0n, last: 9n, rows: 10, minId: 1, maxId: 10, minTs: 1, maxTs: 2, crc: 3 };

/** A commit as a sink makes it: nothing yet, or with rows landed. */
function commit(landed: boolean, dest = DEST): { offset: string; metadata: string } {
  const first = progress.initial(0n, dest);
  const now = landed ? progress.land(progress.begin(first, RANGE), RANGE, 5) : first;
  return { offset: String(now.committed), metadata: formatCommitMetadata(now) };
}

const NONE = { offset: '-1', metadata: '' };

/** Brokers that know of the other topic's group. */
function brokers(
  commits: readonly { offset: string; metadata: string }[],
  topics = ['t-v1'],
): Admin {
  return {
    listTopics: async () => topics,
    fetchTopicOffsets: async () =>
      commits.map((_, partition) => ({ partition, low: '0', high: '10', offset: '10' })),
    fetchOffsets: async () => [
      {
        topic: 't-v1',
        partitions: commits.map((one, partition) => ({ partition, ...one })),
      },
    ],
  } as unknown as Admin;
}

function found(
  partition: number,
  committed: { offset: string; metadata: string } | null,
  logStart = 0n,
): FoundPartition {
  const own = committed && { offset: BigInt(committed.offset), metadata: committed.metadata };
  return { topic: 't-v2', partition, group: 'g', committed: own, logStart, logEnd: 10n };
}

async function holdsRowsOf(...of: Parameters<typeof beginningOf>): Promise<boolean> {
  return (await beginningOf(...of)).holdsRows;
}

const NEW = [found(0, null), found(1, null)];

test('a version that begins holds nothing, where another one has landed in this very table', async () => {
  const admin = brokers([commit(true), commit(false)]);
  assert.equal(await holdsRowsOf(admin, NEW, SCOPE), false);
  // Another member has made its first commits, and nobody writes before all have.
  const half = [found(0, commit(false)), found(1, null)];
  assert.equal(await holdsRowsOf(admin, half, SCOPE), false);
});

const DOUBTS: readonly [what: string, readonly FoundPartition[], Admin][] = [
  ['rows of it had landed', [found(0, commit(true)), found(1, null)], brokers([commit(true)])],
  ['its log was trimmed', [found(0, null, 3n), found(1, null)], brokers([commit(true)])],
  ['the other has landed elsewhere', NEW, brokers([commit(true, 'table-2')])],
  ['the other has landed nothing', NEW, brokers([commit(false)])],
  ['the other has lost offsets', NEW, brokers([commit(true), NONE])],
  ['the other was reset', NEW, brokers([{ offset: '5', metadata: '' }])],
  ['the other is gone', NEW, brokers([commit(true)], [])],
];

for (const [what, partitions, admin] of DOUBTS) {
  test(`otherwise the rows may be its own: ${what}`, async () => {
    assert.equal(await holdsRowsOf(admin, partitions, SCOPE), true);
  });
}

test('only beside another version’s rows there is something to ask for', async () => {
  const admin = brokers([commit(true)]);
  const asks = async (holdsRows: boolean) => {
    const destination = { ...TABLE, holdsRows };
    return (await beginningOf(admin, NEW, { ...SCOPE, destination })).besideVersion;
  };
  assert.deepEqual([await asks(true), await asks(false)], [true, false]);
  assert.equal((await beginningOf(brokers([commit(false)]), NEW, SCOPE)).besideVersion, false);
});

test('a destination that tells topics apart is believed', async () => {
  const holding = (topics: readonly string[]) => ({
    ...SCOPE,
    destination: { ...TABLE, topics },
  });
  const admin = brokers([commit(true)]);
  assert.equal(await holdsRowsOf(admin, NEW, holding(['t-v1', 't-v2'])), true);
  assert.equal(await holdsRowsOf(admin, NEW, holding(['t-v1'])), false);
});

test('an empty destination holds nothing, and a group that has offsets is not asked about', async () => {
  const admin = brokers([]);
  const empty = { ...SCOPE, destination: { ...TABLE, holdsRows: false } };
  assert.equal(await holdsRowsOf(admin, NEW, empty), false);
  assert.equal(await holdsRowsOf(admin, [found(0, commit(true))], SCOPE), true);
});

test('what was there before any version is what the other group’s commits say of this destination', async () => {
  const beside = progress.beside(progress.initial(0n, DEST), 77);
  const other = { offset: '0', metadata: formatCommitMetadata(beside) };
  const files = { ...SCOPE, destination: { ...TABLE, topics: ['t-v1'] } };
  for (const scope of [SCOPE, files]) {
    assert.equal((await beginningOf(brokers([NONE, other]), NEW, scope)).heldUpTo, 77);
    assert.equal((await beginningOf(brokers([commit(true)]), NEW, scope)).heldUpTo, undefined);
  }
  assert.equal(heldBefore('table-2', [found(0, other)]), undefined);
});
