import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FoundPartition } from '@scoreline/landing';
import fc from 'fast-check';

import { happenings, LandingModel } from '../testing/landing-model.ts';
import { activeSink, evidenceOf } from '../testing/proofs.ts';
import { whyNotProven } from './bucket-proof.ts';
import { seenKey } from './evidence.ts';

/** What becomes of evidence: lost, expired, rewound, cut short, written by somebody else. */
const DAMAGES: Readonly<
  Record<string, (found: FoundPartition, amount: bigint) => FoundPartition | null>
> = {
  none: (found) => found,
  gone: () => null,
  'of another group': (found) => ({ ...found, group: `${found.group}-other` }),
  'of another topic': (found) => ({ ...found, topic: `${found.topic}-other` }),
  expired: (found) => ({ ...found, committed: null }),
  'reset to the end': (found) => ({
    ...found,
    committed: { offset: found.logEnd, metadata: null },
  }),
  'set without metadata': (found, amount) => ({
    ...found,
    committed: { offset: amount, metadata: '' },
  }),
  'moved back': (found, amount) => {
    const offset = (found.committed?.offset ?? 0n) - amount;
    return found.committed && { ...found, committed: { ...found.committed, offset } };
  },
  'metadata cut short': (found, amount) =>
    withMetadata(found, (text) => text.slice(0, -1 - Number(amount))),
  'metadata of a later version': (found) =>
    withMetadata(found, (text) => text.replace('"v":', '"v":9')),
  'metadata of another destination': (found) =>
    withMetadata(found, (text) => text.replace('"dest":"', '"dest":"not ')),
  'a log cut at its end': (found, amount) => ({ ...found, logEnd: found.logEnd - amount - 1n }),
  'a log cut at its start': (found, amount) => ({ ...found, logStart: found.logStart + amount }),
};

function withMetadata(found: FoundPartition, change: (text: string) => string): FoundPartition {
  const { committed } = found;
  const metadata = change(committed?.metadata ?? '');
  return { ...found, committed: committed && { ...committed, metadata } };
}

const damage = fc.record({
  how: fc.oneof(
    { weight: 24, arbitrary: fc.constant('none') },
    { weight: 3, arbitrary: fc.constantFrom(...Object.keys(DAMAGES)) },
  ),
  amount: fc.bigInt({ min: 0n, max: 3n }),
});

const life = fc.array(fc.record({ sink: fc.nat(1), what: happenings }), {
  minLength: 5,
  maxLength: 60,
});

test('whatever is missing or damaged in the evidence: what is proven is in every active destination', () => {
  const proven = { none: 0, audit: 0 };
  const afterDamage = new Set<string>();
  fc.assert(
    fc.property(
      life,
      fc.record({
        verify: fc.constantFrom('none' as const, 'audit' as const),
        isSecondActive: fc.boolean(),
        isPromotedLate: fc.boolean(),
        catchesUp: fc.boolean(),
        damages: fc.array(damage, { minLength: 4, maxLength: 4 }),
        isWithoutAudits: fc.boolean(),
        wasHigher: fc.option(fc.bigInt({ min: 0n, max: 8n }), { freq: 8 }),
      }),
      (happened, { verify, isSecondActive, damages, isWithoutAudits, wasHigher, ...rest }) => {
        const model = new LandingModel(['a', 'b']);
        // As they are when they are promoted: of another destination since then the roster does not know.
        const promoted = () =>
          model.sinks.map(({ name, dest }, index) =>
            activeSink(name, { dest, state: index === 0 || isSecondActive ? 'active' : 'testing' }),
          );
        const before = promoted();
        for (const { sink, what } of happened) model.happens(what, model.sinks[sink]!);
        const roster = rest.isPromotedLate ? promoted() : before;
        for (const sink of rest.catchesUp ? model.sinks : []) {
          model.catchesUp(sink);
          model.happens({ kind: 'audit' }, sink);
        }
        const told = model.sinks.flatMap((sink) => model.found(sink));
        const groups = told.flatMap((found, index) => {
          const { how, amount } = damages[index]!;
          return DAMAGES[how]!(found, amount) ?? [];
        });
        const highest = new Map(
          wasHigher === null ? [] : [[seenKey(told[0]!, roster[0]!.dest!), wasHigher] as const],
        );
        const audits = new Map(
          isWithoutAudits ? [] : model.sinks.map(({ name, audits: of }) => [name, of] as const),
        );
        const evidence = evidenceOf(roster, groups, highest, audits);
        if (whyNotProven(model.bucket, evidence, { verify }).length > 0) return;
        if (model.bucket.captured.count === 0) return;
        proven[verify]++;
        for (const { how } of damages) afterDamage.add(how);

        for (const [index, sink] of model.sinks.entries()) {
          if (roster[index]!.state !== 'active') continue;
          assert.equal(sink.dest, roster[index]!.dest, `${sink.name} lands elsewhere now`);
          assert.ok(model.holdsAll(sink), `${sink.name} lacks rows`);
        }
      },
    ),
    { numRuns: 6_000 },
  );
  assert.ok(
    proven.none > 100 && proven.audit > 30,
    `too little was proven: ${JSON.stringify(proven)}`,
  );
  assert.ok(afterDamage.size > 3, 'damage where nothing is needed keeps nothing back');
});
