import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FoundPartition } from '@scoreline/landing';
import { type Audit, Bucket } from '@scoreline/ledger';
import fc from 'fast-check';

import { DEST, landed } from '../testing/proofs.ts';
import { decideTrim, type Holder, type Trimmable } from './trim-rule.ts';

const TOPIC = 'log_scores-v1';

function holder(found: FoundPartition | undefined, changes: Partial<Holder> = {}): Holder {
  return {
    sink: 'x',
    state: 'active',
    dest: DEST,
    found,
    highest: undefined,
    audits: [],
    ...changes,
  };
}

/** Buckets from 0 on, with where their rows begin and end. */
function bucketsAt(...rows: readonly (readonly [first: number, end: number])[]) {
  const buckets = rows.map(([first, end], number) => {
    const bucket = new Bucket(number);
    bucket.wrote(TOPIC, 0, first, end);
    return [number, bucket] as const;
  });
  return { buckets: new Map(buckets) };
}

function at(committed: bigint, more: Partial<Parameters<typeof landed>[1]> = {}): FoundPartition {
  return landed('x', { committed, logEnd: 1000n, ...more });
}

function decide(holders: readonly Holder[], changes: Partial<Trimmable> = {}) {
  return decideTrim({
    topic: TOPIC,
    partition: 0,
    logStart: 0n,
    logEnd: 1000n,
    rowsEnd: 990n,
    youngFrom: 500n,
    buckets: new Map(),
    holders,
    ...changes,
  });
}

function codes(holders: readonly Holder[], changes: Partial<Trimmable> = {}): string[] {
  return decide(holders, changes).reasons.map(({ code }) => code);
}

test('records go that every sink has landed and that are old enough', () => {
  assert.equal(decide([holder(at(700n))]).below, 500n);
  assert.equal(decide([holder(at(700n))], { youngFrom: 1000n }).below, 700n);
  assert.deepEqual(decide([holder(at(700n))]).reasons, []);
});

test('nothing goes behind the last row that the ledger knows', () => {
  assert.equal(decide([holder(at(1000n))], { rowsEnd: 300n }).below, 300n);
  assert.equal(decide([holder(at(1000n))], { rowsEnd: 0n }).below, 0n);
});

test('the slowest is waited for, whether it is active, testing or not in the roster', () => {
  for (const state of ['active', 'testing', 'unlisted'] as const) {
    const slow = holder(at(200n), { sink: 'slow', state, dest: state === 'active' ? DEST : null });
    const decision = decide([holder(at(700n)), slow]);
    assert.equal(decision.below, 200n, state);
    assert.deepEqual(
      decision.reasons.map(({ kind, code, at }) => [kind, code, at?.sink]),
      [['wait', 'behind', 'slow']],
    );
  }
});

test('a range that is pending stays: it begins at the committed offset', () => {
  const found = at(200n, { metadata: { pending: [400n, 600n] } });
  assert.equal(decide([holder(found)]).below, 200n);
});

test('what is in quarantine stays, and what comes after it', () => {
  const quarantined = { count: 1, first: 150n, last: 150n };
  const decision = decide([holder(at(700n, { metadata: { quarantined } }))]);
  assert.equal(decision.below, 150n);
  assert.deepEqual(
    decision.reasons.map(({ code }) => code),
    ['quarantined'],
  );
});

const unknown = { ...at(700n), committed: { offset: 700n, metadata: '{"v":9}' } };
const reset = { ...at(700n), committed: { offset: 700n, metadata: '' } };
const KEEPS: readonly [what: string, code: string, Holder][] = [
  ['it has no such partition', 'partition-missing', holder(undefined)],
  ['it has no offset', 'offset-missing', holder({ ...at(700n), committed: null })],
  ['its offset was reset', 'offset-reset', holder(reset)],
  ['its metadata is not understood', 'commit-metadata-unknown', holder(unknown)],
  ['its offset was moved back', 'offset-moved-back', holder(at(700n), { highest: 701n })],
  ['its offset is above the log', 'offset-above-log-end', holder(at(1001n, { logEnd: 1000n }))],
  ['another destination was promoted', 'destination-changed', holder(at(700n), { dest: 'b' })],
  ['it goes on from later', 'landed-from-later', holder(at(700n, { since: 1n }))],
];

for (const [what, code, one] of KEEPS) {
  test(`a sink keeps every record: ${what}`, () => {
    const other = holder(at(900n), { sink: 'other' });
    const decision = decide([other, one]);
    assert.equal(decision.below, 0n);
    assert.deepEqual(
      decision.reasons.map((reason) => [reason.kind, reason.code]),
      [['refuse', code]],
    );
  });
}

test('an offset below the log keeps every record that is left', () => {
  const found = at(90n, { logStart: 100n });
  const decision = decide([holder(found)], { logStart: 100n });
  assert.equal(decision.below, 100n);
  assert.deepEqual(
    decision.reasons.map(({ code }) => code),
    ['offset-below-log-start'],
  );
});

test('a clean audit since then stands in for what a sink has not landed', () => {
  const found = at(700n, { since: 100n });
  const audit: Audit = { from: 0, counts: [1], dest: DEST, since: { [TOPIC]: [100] }, atMs: 0 };
  const rows = bucketsAt([0, 900]);
  assert.equal(decide([holder(found, { audits: [audit] })], rows).below, 500n);
  const before = { ...audit, since: { [TOPIC]: [99] } };
  assert.deepEqual(codes([holder(found, { audits: [before] })], rows), ['landed-from-later']);
  const other = { ...audit, dest: 'another' };
  assert.deepEqual(codes([holder(found, { audits: [other] })], rows), ['landed-from-later']);
});

test('an audit stands in for the buckets that it has compared, and for no others', () => {
  const found = at(700n, { since: 100n });
  const audit: Audit = { from: 0, counts: [1], dest: DEST, since: { [TOPIC]: [100] }, atMs: 0 };
  const decideOn = (audits: readonly Audit[], rows: Partial<Trimmable>) =>
    decide([holder(found, { audits })], rows);
  // Bucket 1 has a row at 99, which nobody has looked for in the destination.
  const both = bucketsAt([0, 900], [99, 950]);
  const { below, reasons } = decideOn([audit], both);
  assert.deepEqual([below, reasons.map(({ code }) => code)], [0n, ['landed-from-later']]);
  assert.equal(decideOn([{ ...audit, counts: [1, 1] }], both).below, 500n);
  // What the sink has landed itself, or has left the log already, needs no audit.
  assert.equal(decideOn([audit], bucketsAt([0, 900], [100, 950])).below, 500n);
  assert.equal(
    decideOn([{ ...audit, from: 1 }], { ...bucketsAt([0, 50], [60, 950]), logStart: 50n }).below,
    500n,
  );
});

test('nothing goes when no sink is active, however far the others are', () => {
  assert.deepEqual(codes([holder(at(700n), { state: 'testing' })]), ['no-active-sink']);
  assert.deepEqual(codes([]), ['no-active-sink']);
});

test('nothing goes of a log that is shorter than the ledger, or whose age is not known', () => {
  assert.deepEqual(codes([holder(at(700n))], { logEnd: 989n }), ['topic-truncated']);
  assert.deepEqual(codes([holder(at(700n))], { youngFrom: null }), ['record-age-unknown']);
});

test('where nothing is old enough nobody is waited for', () => {
  assert.deepEqual(codes([holder(undefined)], { youngFrom: 0n }), []);
});

test('property: no sink loses a record that it has not landed', () => {
  const offset = fc.bigInt({ min: 0n, max: 30n });
  const sink = fc.record({
    state: fc.constantFrom('active' as const, 'testing' as const, 'unlisted' as const),
    since: offset,
    committed: fc.option(offset, { nil: null }),
    dest: fc.constantFrom(DEST, 'another'),
    quarantined: fc.option(offset, { nil: null }),
    highest: fc.option(offset, { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(sink, { maxLength: 3 }), offset, offset, (sinks, logStart, youngFrom) => {
      const holders = sinks.map(({ state, since, committed, dest, quarantined, highest }, at) => {
        const q = quarantined === null ? {} : { quarantined: only(quarantined) };
        const found = landed(`s${at}`, {
          since,
          committed: committed ?? 0n,
          logStart,
          logEnd: 30n,
          metadata: { dest, ...q },
        });
        const promoted = state === 'active' ? DEST : null;
        const seen = committed === null ? { ...found, committed: null } : found;
        return holder(seen, { sink: `s${at}`, state, dest: promoted, highest });
      });
      const changes = { logStart, logEnd: 30n, rowsEnd: 28n, youngFrom };
      const { below } = decide(holders, changes);
      assert.ok(below >= logStart);
      if (below === logStart) return;
      assert.ok(below <= youngFrom && below <= 28n);
      assert.ok(sinks.some(({ state }) => state === 'active'));
      for (const { state, since, committed, dest, quarantined, highest } of sinks) {
        assert.ok(committed !== null && committed >= below && since <= logStart);
        assert.ok(quarantined === null || quarantined >= below);
        assert.ok(state !== 'active' || dest === DEST);
        assert.ok(highest === undefined || highest <= committed);
      }
    }),
  );
});

function only(offset: bigint) {
  return { count: 1, first: offset, last: offset };
}
