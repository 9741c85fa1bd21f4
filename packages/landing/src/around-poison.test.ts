import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PoisonError } from '@scoreline/service';
import fc from 'fast-check';

import { AroundPoison } from './around-poison.ts';
import { formatCommitMetadata, parseCommitMetadata } from './commit-metadata.ts';
import type { LogRecord, RecordPlaces } from './log-record.ts';
import { progress, type Progress } from './progress.ts';
import type { PoisonRecord } from './quarantine.ts';
import type { Range } from './range.ts';
import { sampleRange, sampleRow } from './testing/index.ts';

class Death extends Error {}

interface Case {
  /** Offsets of the records; between them are markers. */
  readonly offsets: readonly number[];
  readonly poison: ReadonlySet<number>;
  /** How many steps each life lasts; the last one does not end. */
  readonly lives: readonly number[];
}

/** Broker, destination and quarantine, and one pending range after another that is landed in lives of some steps. */
class World {
  readonly rows = new Map<number, number>();
  readonly quarantined = new Set<number>();
  readonly identities = new Set<string>();
  readonly #case: Case;
  #committed: { offset: bigint; metadata: string };
  #stepsLeft = 0;

  constructor(one: Case) {
    this.#case = one;
    const last = BigInt(one.offsets.at(-1) ?? 0);
    const begun = progress.begin(progress.initial(0n, 'dest'), { first: 0n, last });
    this.#committed = { offset: 0n, metadata: formatCommitMetadata(begun) };
  }

  get commit(): Progress {
    const { offset, metadata } = this.#committed;
    return { committed: offset, ...parseCommitMetadata(metadata, 'model') };
  }

  async live(steps: number): Promise<void> {
    this.#stepsLeft = steps;
    let now = this.commit;
    const commit = async (step: (now: Progress) => Progress) => {
      const next = step(now);
      this.#step();
      this.#committed = { offset: next.committed, metadata: formatCommitMetadata(next) };
      this.#step();
      now = next;
    };
    const finish = async (pending: Range, replay: boolean) => {
      for (let range: Range | null = pending; range !== null;) {
        try {
          await this.#write(range);
        } catch (error) {
          range = await around.inRange(range, replay, around.passable(error));
          continue;
        }
        const done = range;
        await commit((before) => progress.land(before, done, 0));
        return;
      }
    };
    const around = new AroundPoison({
      partition: 0,
      ledgerUuid: LEDGER,
      signal: new AbortController().signal,
      quarantine: {
        find: async (places) => this.#find(places),
        keep: async ({ record }: PoisonRecord) => {
          this.#step();
          this.quarantined.add(Number(record.offset));
          this.#step();
        },
      },
      now: () => now,
      commit,
      finish,
    });
    try {
      for (const last of now.pending) await finish(this.#remade(now.committed, last), true);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
  }

  #remade(committed: bigint, last: bigint): Range {
    const offsets = this.#case.offsets.filter((one) => one >= committed && one <= last);
    const first = BigInt(offsets[0]!);
    return sampleRange(
      offsets.map((offset) => sampleRow(offset)),
      { first, last, ledgerUuid: LEDGER },
    );
  }

  async #write(range: Range): Promise<void> {
    this.#step();
    const { ids } = await range.load();
    const row = ids.findIndex((id) => this.#case.poison.has(id));
    if (row >= 0) throw new PoisonError('poison', { code: 'test', row });
    if (!this.identities.has(range.identity)) {
      this.identities.add(range.identity);
      for (const id of ids) this.rows.set(id, (this.rows.get(id) ?? 0) + 1);
    }
    this.#step();
  }

  #find({ first, indexes }: Omit<RecordPlaces, 'topic'>): LogRecord[] {
    const from = this.#case.offsets.filter((offset) => offset >= first);
    return indexes.map((index) => ({
      offset: BigInt(from[index]!),
      before: index === 0 ? null : BigInt(from[index - 1]!),
      key: null,
      value: null,
      timestampMs: 0,
    }));
  }

  #step(): void {
    if (this.#stepsLeft-- === 0) throw new Death();
  }
}

const LEDGER = '9b2cf1e0-0000-4000-8000-000000000000';

async function check(one: Case): Promise<void> {
  const world = new World(one);
  for (const steps of one.lives) await world.live(steps);
  await world.live(Number.POSITIVE_INFINITY);
  const { offsets, poison } = one;
  const bad = offsets.filter((offset) => poison.has(offset));
  assert.deepEqual(
    [...world.rows].toSorted(([a], [b]) => a - b),
    offsets.filter((offset) => !poison.has(offset)).map((offset) => [offset, 1]),
  );
  assert.deepEqual(
    [...world.quarantined].toSorted((a, b) => a - b),
    bad,
  );
  const { committed, pending, quarantined, since } = world.commit;
  assert.deepEqual([committed, pending, since], [BigInt(offsets.at(-1)! + 1), [], 0n]);
  assert.equal(quarantined?.count ?? 0, bad.length);
  assert.equal(quarantined?.first, bad.length === 0 ? undefined : BigInt(bad[0]!));
}

const cases = fc
  .uniqueArray(fc.nat(60), { minLength: 1, maxLength: 25 })
  .map((offsets) => offsets.toSorted((a, b) => a - b))
  .chain((offsets) =>
    fc.record({
      offsets: fc.constant(offsets),
      poison: fc.subarray(offsets).map((some) => new Set(some)),
      lives: fc.array(fc.nat(12), { maxLength: 12 }),
    }),
  );

test('wherever poison is and whenever a sink dies, every other row lands once and each poison is kept', async () => {
  await fc.assert(fc.asyncProperty(cases, check), { numRuns: 500 });
});

test('a death at each single step is survived', async () => {
  const offsets = [3, 4, 7, 8, 9, 12];
  for (let steps = 0; steps < 40; steps++) {
    for (const poison of [[3], [12], [7, 8], offsets]) {
      await check({ offsets, poison: new Set(poison), lives: [steps, steps] });
    }
  }
});

const RANGE = sampleRange([sampleRow(1), sampleRow(2)], { first: 5n });

function around(quarantine: ConstructorParameters<typeof AroundPoison>[0]['quarantine']) {
  const unexpected = async () => assert.fail('nothing is committed or landed');
  return new AroundPoison({
    partition: 0,
    ledgerUuid: LEDGER,
    signal: new AbortController().signal,
    quarantine,
    now: () => progress.begin(progress.initial(5n, 'dest'), RANGE),
    commit: unexpected,
    finish: unexpected,
  });
}

const UNUSED = { find: async () => assert.fail(), keep: async () => assert.fail() };

test('without a quarantine poison stops', () => {
  const poison = new PoisonError('poison', { code: 'test', row: 0 });
  assert.throws(() => around(null).passable(poison), poison);
});

test('other errors are no poison', () => {
  const error = new Error('defect');
  assert.throws(() => around(UNUSED).passable(error), error);
});

for (const row of [undefined, 2]) {
  test(`poison stops whose row is ${row}, which is none of the range`, async () => {
    const poison = new PoisonError('poison', { code: 'test', row });
    await assert.rejects(around(UNUSED).inRange(RANGE, false, poison), poison);
    await assert.rejects(around(UNUSED).unread(poison), poison);
  });
}

test('a log that holds other records than were fetched stops', async () => {
  const record = { key: null, value: null, timestampMs: 0, before: null };
  const find = async () => [
    { ...record, offset: 5n },
    { ...record, offset: 7n },
  ];
  const poison = new PoisonError('poison', { code: 'test', row: 0 });
  await assert.rejects(around({ ...UNUSED, find }).inRange(RANGE, false, poison), {
    code: 'pending-range-changed',
  });
});
