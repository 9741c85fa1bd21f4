import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RetryableError } from '@scoreline/service';
import fc from 'fast-check';

import { Died, idsFrom, PurgeWorld, type Step, STEPS } from '../testing/purge-world.ts';

const insert = fc.record({
  do: fc.constant('insert' as const),
  rows: fc.integer({ min: 1, max: 250 }),
  /** Ids that are left out, which another session may fill later. */
  gap: fc.constantFrom(0, 0, 7, 65_000),
  kind: fc.constantFrom('plain', 'plain', 'young', 'referenced', 'excluded', 'missed'),
});
const land = fc.record({
  do: fc.constant('land' as const),
  sink: fc.constantFrom('a', 'b'),
  /** Of what it has not landed. */
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});
const happen = fc.record({
  do: fc.constant('happen' as const),
  step: fc.constantFrom(...STEPS),
  nth: fc.integer({ min: 1, max: 6 }),
  what: fc.constantFrom('death', 'death', 'update', 'reference', 'lock', 'time'),
});
const purge = fc.record({ do: fc.constant('purge' as const) });

type Act =
  typeof insert | typeof land | typeof happen | typeof purge extends fc.Arbitrary<infer T>
    ? T
    : never;

class Trial {
  readonly world = new PurgeWorld();
  deaths = 0;
  #nextId = 1;

  constructor() {
    this.world.addSink('a');
    this.world.addSink('b');
  }

  async act(act: Act): Promise<void> {
    switch (act.do) {
      case 'insert': {
        const from = this.#nextId + act.gap;
        this.#nextId = from + act.rows;
        this.world.insert(idsFrom(from, this.#nextId - 1), {
          isOld: act.kind !== 'young',
          referenced: act.kind === 'referenced',
          isExcluded: act.kind === 'excluded',
          isCaptured: act.kind !== 'missed',
        });
        return;
      }
      case 'land':
        this.world.landShare(act.sink, act.share);
        return;
      case 'happen':
        this.world.at(act.step, act.nth, () => this.#happens(act.what, act.step));
        return;
      case 'purge':
        return this.#purge();
      default:
        act satisfies never;
    }
  }

  #happens(what: string, step: Step): void {
    const { world } = this;
    const [row] = [...world.rows.keys()].toReversed();
    if (what === 'death') throw new Died(step);
    if (what === 'time') world.nowMs += 40_000;
    if (row === undefined) return;
    if (what === 'lock') world.locked.add(row);
    if (what === 'reference') world.rows.get(row)!.referenced = true;
    if (what === 'update') {
      world.update(row);
      // As on_update=count: the next digest has it as it is.
      world.isCaptureStopped = false;
    }
  }

  async #purge(): Promise<void> {
    for (;;) {
      try {
        await this.world.purge();
        break;
      } catch (error) {
        // Whatever took longer to read than it may be old is read again.
        const isTried = error instanceof RetryableError && error.code === 'evidence-stale';
        if (!isTried && !(error instanceof Died)) throw error;
        if (!isTried) this.deaths++;
      }
    }
    this.world.check();
  }
}

test('whatever lands, changes and dies meanwhile: what left is archived, and the purge log has it', async () => {
  let deaths = 0;
  let deleted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(insert, insert, land, happen, happen, purge), {
        minLength: 8,
        maxLength: 24,
      }),
      async (acts) => {
        const trial = new Trial();
        for (const act of [...acts, { do: 'purge' } as const]) await trial.act(act);
        deaths += trial.deaths;
        const before = trial.world.rows.size;
        trial.world.calm();
        // Nothing holds it for ever: what both have, and nothing refers to, goes in the end.
        for (const sink of ['a', 'b']) trial.world.landShare(sink, 1);
        await trial.act({ do: 'purge' });
        trial.world.checkNothingLeft();
        deleted += before - trial.world.rows.size;
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(deaths > 10, `${deaths} deaths`);
  assert.ok(deleted > 1_000, `${deleted} rows`);
});
