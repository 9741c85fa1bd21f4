import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FoundPartition, formatCommitMetadata } from '@scoreline/landing';
import { type Audit, Bucket } from '@scoreline/ledger';
import fc from 'fast-check';

import { activeSink, DEST, evidenceOf, landed } from '../testing/proofs.ts';
import { whyNotProven } from './bucket-proof.ts';
import { groupOf, seenKey } from './evidence.ts';

const V1 = 'log_scores-v1';
const V2 = 'log_scores-v2';

function bucket(
  ...rows: readonly [topic: string, partition: number, first: number, end: number][]
) {
  const made = new Bucket(7);
  made.captured.add(1);
  for (const row of rows) made.wrote(...row);
  return made;
}

const codes = (...args: Parameters<typeof whyNotProven>) =>
  whyNotProven(...args).map(({ code, at }) => [code, at?.sink, at?.topic, at?.partition]);

test('every active sink must have landed every partition of every topic version', () => {
  const rows = bucket([V1, 0, 5, 9], [V1, 2, 3, 4], [V2, 1, 0, 8]);
  const roster = [activeSink('a'), activeSink('b')];
  const all = roster.flatMap(({ name }) => [
    landed(name, { partition: 0, committed: 9n }),
    landed(name, { partition: 2, committed: 9n }),
    landed(name, { topic: V2, partition: 1, committed: 8n }),
  ]);
  assert.deepEqual(codes(rows, evidenceOf(roster, all)), []);
  for (const [left, found] of all.entries()) {
    const others = all.filter((_, index) => index !== left);
    assert.deepEqual(codes(rows, evidenceOf(roster, others)), [
      ['partition-missing', left < 3 ? 'a' : 'b', found.topic, found.partition],
    ]);
  }
});

test('a sink that is testing or retired is not asked', () => {
  const roster = [
    activeSink('a'),
    activeSink('t', { state: 'testing' }),
    activeSink('r', { state: 'retired' }),
  ];
  const evidence = evidenceOf(roster, [landed('a', { committed: 9n })]);
  assert.deepEqual(codes(bucket([V1, 0, 0, 9]), evidence), []);
});

test('without an active sink nothing is proven', () => {
  for (const roster of [[], [activeSink('t', { state: 'testing' })]]) {
    assert.deepEqual(
      whyNotProven(bucket([V1, 0, 0, 9]), evidenceOf(roster, [])).map((r) => r.code),
      ['no-active-sink'],
    );
  }
});

test('ids without a place are not proven', () => {
  const reasons = whyNotProven(bucket(), evidenceOf([activeSink('a')], []));
  assert.deepEqual(
    reasons.map((r) => [r.kind, r.code]),
    [['refuse', 'bucket-without-offsets']],
  );
});

test('another group that landed the topic is no proof', () => {
  const evidence = evidenceOf([activeSink('a')], [landed('b', { committed: 9n })]);
  assert.deepEqual(codes(bucket([V1, 0, 0, 9]), evidence), [['partition-missing', 'a', V1, 0]]);
});

test('an audit counts for its buckets, its destination, and its partitions', () => {
  const found = landed('a', { since: 50n, committed: 90n });
  const audit: Audit = { from: 7, counts: [1], dest: DEST, since: { [V1]: [50] }, atMs: 0 };
  const proven = (...audits: Audit[]) => {
    const evidence = evidenceOf([activeSink('a')], [found], new Map(), new Map([['a', audits]]));
    return codes(bucket([V1, 0, 0, 90]), evidence).length === 0;
  };
  assert.ok(proven(audit));
  assert.ok(proven({ ...audit, from: 0, counts: Array<number>(10).fill(1) }));
  assert.ok(!proven({ ...audit, from: 8, counts: [1, 1] }));
  assert.ok(!proven({ ...audit, from: 0, counts: Array<number>(7).fill(1) }));
  assert.ok(!proven({ ...audit, dest: 'another' }));
  assert.ok(!proven({ ...audit, since: { [V2]: [50] } }));
  assert.ok(!proven({ ...audit, since: { [V1]: [49] } }));
  assert.ok(proven({ ...audit, since: { [V1]: [49] } }, audit), 'one of them suffices');
});

test('with purge_verify=audit each sink must have found as many ids as there are, in what was promoted', () => {
  const rows = bucket([V1, 0, 0, 9]);
  const roster = [activeSink('a'), activeSink('b'), activeSink('t', { state: 'testing' })];
  const groups = ['a', 'b'].map((sink) => landed(sink, { committed: 9n }));
  const audit: Audit = { from: 6, counts: [5, 1], dest: DEST, since: {}, atMs: 0 };
  const why = (audits: Record<string, Audit[]>, of = rows) =>
    whyNotProven(of, evidenceOf(roster, groups, new Map(), new Map(Object.entries(audits))), {
      verify: 'audit',
    }).map(({ kind, code, at }) => [kind, code, at?.sink]);
  const missing = (...sinks: string[]) => sinks.map((sink) => ['wait', 'not-audited', sink]);
  assert.deepEqual(why({}), missing('a', 'b'));
  assert.deepEqual(why({ a: [audit], b: [audit] }), []);
  assert.deepEqual(why({ a: [{ ...audit, counts: [1, 2] }, audit], b: [audit] }), []);
  assert.deepEqual(why({ a: [{ ...audit, counts: [1, 2] }], b: [audit] }), missing('a'));
  assert.deepEqual(why({ a: [{ ...audit, dest: 'else' }], b: [audit] }), missing('a'));
  assert.deepEqual(why({ a: [{ ...audit, counts: [1] }], b: [audit] }), missing('a'));
  const grown = bucket([V1, 0, 0, 9]);
  grown.captured.add(2);
  assert.deepEqual(why({ a: [audit], b: [audit] }, grown), missing('a', 'b'));
  assert.deepEqual(
    why({ a: [audit], b: [audit] }, bucket([V1, 1, 0, 9])).map(([, code]) => code),
    ['partition-missing', 'partition-missing'],
    'an audit alone is not enough either',
  );
});

const offset = fc.integer({ min: 0, max: 12 });

/** A group's commit, sound or not, as an operator, an expiry or a restart may leave it. */
const commit = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      since: fc.nat(2),
      committed: fc.integer({ min: 8, max: 12 }),
      dest: fc.constant(DEST),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ since: offset, committed: offset, dest: fc.constant(DEST) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ since: offset, committed: offset, dest: fc.constant('else') }),
  },
  { weight: 1, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constant('reset' as const) },
);

test('what is proven is held by every active sink: each single row, whatever the groups look like', () => {
  let proven = 0;
  fc.assert(
    fc.property(
      fc.array(fc.record({ topic: fc.constantFrom(V1, V2), partition: fc.nat(1), offset }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.array(
        fc.record({
          state: fc.constantFrom('active' as const, 'active' as const, 'testing' as const),
          commits: fc.array(commit, { minLength: 4, maxLength: 4 }),
          quarantined: fc.option(offset, { freq: 6 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      fc.record({
        logEnd: fc.integer({ min: 8, max: 13 }),
        highest: fc.option(offset, { freq: 5 }),
      }),
      (rows, sinks, { logEnd, highest }) => {
        const made = new Bucket(3);
        rows.forEach(({ topic, partition, offset: at }, id) => {
          made.captured.add(id);
          made.wrote(topic, partition, at, at + 1);
        });
        const places = [0, 1].flatMap((partition) =>
          [V1, V2].map((topic) => ({ topic, partition })),
        );
        const roster = sinks.map(({ state }, i) => activeSink(`s${i}`, { state }));
        const groups = sinks.flatMap(({ commits, quarantined }, i) =>
          places.map(({ topic, partition }, p): FoundPartition => {
            const one = commits[p]!;
            const group = groupOf(`s${i}`, topic);
            const rest = { topic, partition, group, logStart: 0n, logEnd: BigInt(logEnd) };
            if (one === 'none') return { ...rest, committed: null };
            if (one === 'reset') {
              return { ...rest, committed: { offset: BigInt(logEnd), metadata: null } };
            }
            const metadata = formatCommitMetadata({
              since: BigInt(one.since),
              dest: one.dest,
              pending: [],
              landed: null,
              ...(quarantined === null
                ? {}
                : {
                    quarantined: {
                      count: 1,
                      first: BigInt(quarantined),
                      last: BigInt(quarantined),
                    },
                  }),
            });
            return { ...rest, committed: { offset: BigInt(one.committed), metadata } };
          }),
        );
        const seen = new Map(
          highest === null
            ? []
            : [
                [
                  seenKey({ group: groupOf('s0', V1), topic: V1, partition: 0 }, DEST),
                  BigInt(highest),
                ] as const,
              ],
        );
        if (whyNotProven(made, evidenceOf(roster, groups, seen)).length > 0) return;
        proven++;

        assert.ok(sinks.some(({ state }) => state === 'active'));
        for (const { topic, partition, offset: at } of rows) {
          assert.ok(at < logEnd, 'the row is in the log');
          for (const { state, commits, quarantined } of sinks) {
            if (state !== 'active') continue;
            const one =
              commits[places.findIndex((p) => p.topic === topic && p.partition === partition)]!;
            assert.ok(one !== 'none' && one !== 'reset');
            assert.equal(one.dest, DEST);
            assert.ok(one.since <= at && at < one.committed, 'the row is within the run');
            assert.ok(quarantined === null || quarantined !== at, 'the row was not put aside');
          }
        }
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(proven > 60, `only ${proven} were proven: the test says too little`);
});

test('when every sink has landed everything, everything is proven', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(1000)), { minLength: 1 }), (rows) => {
      const made = new Bucket(3);
      rows.forEach(([partition, at], id) => {
        made.captured.add(id);
        made.wrote(V1, partition, at, at + 1);
      });
      const groups = ['a', 'b'].flatMap((name) =>
        [0, 1, 2, 3].map((partition) => landed(name, { partition, committed: 1_001n })),
      );
      const evidence = evidenceOf([activeSink('a'), activeSink('b')], groups);
      assert.deepEqual(whyNotProven(made, evidence), []);
    }),
  );
});
