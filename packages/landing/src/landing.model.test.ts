import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { formatCommitMetadata, parseCommitMetadata } from './commit-metadata.ts';
import { progress, type Progress } from './progress.ts';
import { CLOSE, RangeCut, SKIP } from './range-cut.ts';

/**
 * A model of landing: one partition, members that come and go at any moment, several ranges in
 * flight, writes that end in any order or long after their member is gone, commits that are lost,
 * or whose answer is, and those of members that are past. The rules are the real ones; broker and
 * destination are a few lines. The oracle is how often each row is in the destination.
 */
interface Rules {
  /** A commit of an earlier generation is taken, as kafkajs's own commit makes the broker do. */
  readonly takesStaleCommits: boolean;
  /** Which of the pending ranges a commit names. */
  readonly names: 'all' | 'newest' | 'oldest';
  /** A member that had the partition before goes on from what it remembers. */
  readonly remembers: boolean;
  readonly commitsBeforeWriting: boolean;
}

const RULES: Rules = {
  takesStaleCommits: false,
  names: 'all',
  remembers: false,
  commitsBeforeWriting: false,
};

interface InFlight {
  readonly first: bigint;
  readonly last: bigint;
  readonly replay: boolean;
  written: boolean;
}

class World {
  readonly #random: () => number;
  readonly #rules: Rules;
  /** Offsets of records; the others are markers and aborted records. */
  readonly records: readonly number[];
  readonly end: number;
  readonly rows = new Map<number, number>();
  readonly #identities = new Set<string>();
  /** Inserts whose client is gone. */
  readonly #stragglers: InFlight[] = [];
  /** Commits of earlier generations that are still under way. */
  readonly #lateCommits: Progress[] = [];
  #committed: { offset: bigint; metadata: string };
  #memory: Progress | null = null;

  constructor(seed: number, rules: Rules) {
    this.#random = lcg(seed);
    this.#rules = rules;
    this.end = 30 + this.#below(60);
    this.records = Array.from({ length: this.end }, (_, offset) => offset).filter(
      () => this.#random() < 0.8,
    );
    const start = progress.initial(0n, 'dest');
    this.#committed = { offset: 0n, metadata: formatCommitMetadata(start) };
  }

  run(): void {
    for (let life = 0; life < 8; life++) this.#live(1 + this.#below(14), 1 + this.#below(4));
    this.#live(1000, 1);
    for (const straggler of this.#stragglers) this.#write(straggler);
  }

  violations(): string[] {
    const twice = [...this.rows].filter(([, times]) => times > 1).map(([row]) => `twice ${row}`);
    const lost = this.records.filter((row) => !this.rows.has(row)).map((row) => `lost ${row}`);
    const behind = Number(this.#committed.offset) < this.end ? ['lag'] : [];
    return [...twice, ...lost, ...behind];
  }

  /** One membership: reads the commit, does some steps in any order, and is gone. */
  #live(steps: number, inFlightAtMost: number): void {
    const lastLife = steps === 1000;
    const limits = { rows: 1 + this.#below(9), bytes: 1e9 };
    let now: Progress = this.#read();
    const replays = [...now.pending];
    let position = Number(now.committed);
    const inFlight: InFlight[] = [];

    for (let step = 0; step < steps; step++) {
      const what = this.#random();
      if (what < 0.1 && !lastLife) this.#othersAct();
      else if (what < 0.5 && inFlight.length < inFlightAtMost) {
        const range = this.#cut(position, replays.shift(), limits);
        if (range !== null) {
          if (!range.replay) {
            now = progress.begin(now, range);
            if (!this.#commit(now, lastLife)) return this.#leave(inFlight);
          }
          inFlight.push(range);
          position = Number(range.last) + 1;
        } else if (inFlight.length === 0 && replays.length === 0 && now.committed < this.end) {
          now = progress.skipTail(now, BigInt(this.end));
          if (!this.#commit(now, lastLife)) return this.#leave(inFlight);
        }
      } else if (what < 0.8 && inFlight.length > 0) {
        this.#write(inFlight[this.#below(inFlight.length)]!);
      } else {
        const oldest = inFlight[0];
        if (oldest === undefined) continue;
        if (!oldest.written && !this.#rules.commitsBeforeWriting) continue;
        now = progress.land(now, { ...FACTS, first: oldest.first, last: oldest.last }, 0);
        if (!this.#commit(now, lastLife)) return this.#leave(inFlight);
        inFlight.shift();
        this.#memory = now;
        if (lastLife && !oldest.written) this.#write(oldest);
      }
    }
    this.#leave(inFlight);
  }

  #read(): Progress {
    if (this.#rules.remembers && this.#memory !== null && this.#random() < 0.5) {
      return this.#memory;
    }
    const { offset, metadata } = this.#committed;
    return { committed: offset, ...parseCommitMetadata(metadata, 'model') };
  }

  /** False when the answer does not come, so that the membership ends; the commit may have been made. */
  #commit(next: Progress, reliable: boolean): boolean {
    const fate = reliable ? 1 : this.#random();
    if (fate < 0.05) this.#lateCommits.push(next);
    else this.#store(next);
    return fate >= 0.12;
  }

  #store(next: Progress): void {
    const { pending } = next;
    const named = { all: pending, newest: pending.slice(-1), oldest: pending.slice(0, 1) };
    const metadata = formatCommitMetadata({ ...next, pending: named[this.#rules.names] });
    this.#committed = { offset: next.committed, metadata };
  }

  /** A member that is gone leaves inserts behind that go on. */
  #leave(inFlight: readonly InFlight[]): void {
    this.#stragglers.push(...inFlight.filter(() => this.#random() < 0.5));
  }

  #othersAct(): void {
    const straggler = this.#stragglers.splice(this.#below(this.#stragglers.length), 1)[0];
    if (straggler) this.#write(straggler);
    const late = this.#lateCommits.shift();
    if (late && this.#rules.takesStaleCommits) this.#store(late);
  }

  /** As every destination: the same identity again is nothing new. */
  #write(range: InFlight): void {
    range.written = true;
    const identity = `${range.first}-${range.last}`;
    if (this.#identities.has(identity)) return;
    this.#identities.add(identity);
    for (const row of this.records) {
      if (row < range.first || row > range.last) continue;
      this.rows.set(row, (this.rows.get(row) ?? 0) + 1);
    }
  }

  #cut(
    start: number,
    end: bigint | undefined,
    limits: { rows: number; bytes: number },
  ): InFlight | null {
    const last = end === undefined ? null : Number(end);
    const cut = new RangeCut({ start, end: last, ...limits, where: 'model' });
    // Batches begin anywhere below the position.
    for (const offset of this.records.filter((record) => record >= start - this.#below(10))) {
      const decision = cut.next(offset, 1, 1);
      if (decision === SKIP) continue;
      if (decision === CLOSE) break;
    }
    cut.lookedAt(this.end);
    if (cut.rows === 0) return null;
    const replay = end !== undefined;
    return { first: BigInt(cut.first), last: BigInt(cut.last), replay, written: false };
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

const FACTS = { rows: 1, minId: 1, maxId: 1, minTs: 1, maxTs: 1, crc: 1 };

function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function violations(seed: number, rules: Rules): string[] {
  const world = new World(seed, rules);
  try {
    world.run();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return world.violations();
}

test('whatever members, writes and commits do, every row lands once and nothing lags', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      assert.deepEqual(violations(seed, RULES), []);
    }),
    { numRuns: 2000 },
  );
});

const WRONG: Record<string, Partial<Rules>> = {
  'commits of members that are past are taken': { takesStaleCommits: true },
  'a commit names only the newest pending range': { names: 'newest' },
  'a commit names only the oldest pending range': { names: 'oldest' },
  'a member goes on from what it remembers': { remembers: true },
  'a range is committed as landed before it is written': { commitsBeforeWriting: true },
};

for (const [what, wrong] of Object.entries(WRONG)) {
  test(`the model sees what goes wrong when ${what}`, () => {
    let bad = 0;
    for (let seed = 1; seed <= 500; seed++) {
      if (violations(seed * 7919, { ...RULES, ...wrong }).length > 0) bad++;
    }
    assert.ok(bad > 5, `${bad} of 500 runs went wrong`);
  });
}
