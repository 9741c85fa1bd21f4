import assert from 'node:assert/strict';

import { bucketOf, CapturedIds, type LedgerState, type RosterSink } from '@scoreline/ledger';
import { createMetrics, RetryableError } from '@scoreline/service';
import pino from 'pino';

import type { PurgeRecord } from '../kafka/purge-record.ts';
import { purgeMetrics } from '../metrics.ts';
import { Allowance } from '../pace/allowance.ts';
import type { Evidence } from '../proof/evidence.ts';
import type { Reason } from '../proof/reason.ts';
import { idsOf } from '../purge/id-ranges.ts';
import type { Policy } from '../purge/judge.ts';
import type { Clock } from '../purge/ports.ts';
import { Purger, type PurgerGround } from '../purge/purger.ts';
import { Standing } from '../purge/standing.ts';
import { Report } from '../report/report.ts';
import { checkpointOf } from './checkpoint-of.ts';
import { BINLOG, MemoryTable, SERVER } from './memory-table.ts';
import { activeSink, DEST, evidenceOf, landed } from './proofs.ts';

const TOPIC = 'log_scores-v1';
/** Where a purge can be stopped, hurt or surprised: each before what it names, but for `committed`. */
export const STEPS = [
  'lot',
  'digest',
  'evidence',
  'confirm',
  'intent',
  'delete',
  'committed',
  'done',
] as const;

export type Step = (typeof STEPS)[number];

interface MemorySink {
  readonly entry: RosterSink;
  committed: number;
  readonly archive: Set<number>;
}

/** A process is gone: nothing of it goes on. */
export class Died extends RetryableError {
  constructor(at: Step) {
    super(`died before ${at}`, { code: 'died' });
  }
}

/** MySQL, capture, the topic, sinks and the purge log in memory: a purge runs against it as against real ones. */
export class PurgeWorld {
  readonly #table = new MemoryTable((step) => this.#step(step));
  readonly rows = this.#table.rows;
  readonly sinks = new Map<string, MemorySink>();
  readonly records: PurgeRecord[] = [];
  readonly asked: { from: number; to: number }[] = [];
  readonly load = { replicaLagMs: 0, threadsRunning: 1, historyListLength: 0 } as {
    replicaLagMs: number | null;
    threadsRunning: number | null;
    historyListLength: number | null;
  };
  readonly metrics = createMetrics();
  policy: Policy = { sinks: [], excluded: 'keep', declined: 'keep', verify: 'none' };
  others: Reason[] = [];
  isPaused = false;
  isCaptureStopped = false;
  isOtherSource = false;
  floor = 0;
  nowMs = 1_000_000;
  locksHeld = 0;
  readonly locked = this.#table.locked;
  lock = new AbortController();
  readonly #topic: number[] = [];
  readonly #excluded = new Set<number>();
  readonly #ever = new Set<number>();
  readonly #hooks: { step: Step; left: number; run: () => void }[] = [];
  #checkpoint = 1;

  readonly clock: Clock = {
    now: () => this.nowMs,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      this.nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
  };

  /** Runs before this step is taken for the n-th time from now. */
  at(step: Step, nth: number, run: () => void): void {
    this.#hooks.push({ step, left: nth, run });
  }

  /** Nothing happens any more. */
  calm(): void {
    this.#hooks.length = 0;
    this.locked.clear();
  }

  insert(
    ids: Iterable<number>,
    { isOld = true, referenced = false, isCaptured = true, isExcluded = false } = {},
  ): void {
    for (const id of ids) {
      this.#table.insert(id, { isOld, referenced });
      this.#ever.add(id);
      if (isExcluded) this.#excluded.add(id);
      else if (isCaptured) this.#topic.push(id);
    }
  }

  update(id: number): void {
    this.#table.update(id);
    // As on_update=stop: it does not go past an UPDATE.
    this.isCaptureStopped = true;
  }

  addSink(name: string, rest: Partial<RosterSink> = {}): void {
    this.sinks.set(name, { entry: activeSink(name, rest), committed: 0, archive: new Set() });
    this.policy = { ...this.policy, sinks: [...(this.policy.sinks ?? []), name] };
  }

  /** The sink lands the topic up to this offset; all of it unless said otherwise. */
  land(name: string, end = this.#topic.length): void {
    const sink = this.sinks.get(name)!;
    for (const id of this.#topic.slice(sink.committed, end)) sink.archive.add(id);
    sink.committed = end;
  }

  /** So much of what it has not landed. */
  landShare(name: string, share: number): void {
    const { committed } = this.sinks.get(name)!;
    this.land(name, committed + Math.ceil((this.#topic.length - committed) * share));
  }

  /** A process of the purge. */
  purger(over: Partial<PurgerGround> = {}): Purger {
    return new Purger({ ...this.ground(), ...over });
  }

  /** What it stands on. */
  ground(): PurgerGround {
    return {
      ledger: { refresh: async () => this.#state() },
      evidence: () => ({ read: async () => this.#evidence() }),
      table: this.#table,
      journal: () => this.#journal(),
      highest: async () => new Map(),
      locks: async () => this.#locks(),
      probe: { read: async () => this.load },
      hasPassed: ({ position }, at) =>
        this.isOtherSource ? 'other-source' : position.offset >= at.position.offset,
      isRewound: ({ position }, at) => position.offset > at.position.offset,
      archives: { whyNot: async () => this.others, keep: async () => {} },
      clock: this.clock,
      policy: this.policy,
      limits: {
        replicaLagMs: 5_000,
        threadsRunning: 25,
        criticalThreadsRunning: 50,
        historyListLength: 100_000,
        captureLagMs: 10_000,
      },
      switches: () => ({ paused: this.isPaused, inWindow: true }),
      allowance: null,
      proofMaxAgeMs: 30_000,
      coolDownMs: 60_000,
      patience: { captureMs: 1_000, throttleMs: 1_000 },
      by: 'test',
      standing: this.standing(),
    };
  }

  standing(): Standing {
    const log = pino({ level: 'silent' });
    this.metrics.registry.clear();
    return new Standing({ log, metrics: purgeMetrics(this.metrics), clock: this.clock });
  }

  /** One session with passes until one deletes nothing. */
  async purge(over: Partial<PurgerGround> = {}): Promise<Report> {
    const halt = { stopping: new AbortController().signal, signal: new AbortController().signal };
    let report = new Report();
    await this.purger(over).session(halt, async (pass) => {
      for (;;) {
        report = new Report();
        await pass(report);
        if (report.deleted === 0) return;
      }
    });
    return report;
  }

  /** Goes on after each death, as a supervisor does; returns how often it died. */
  async purgeThroughDeaths(over: Partial<PurgerGround> = {}): Promise<number> {
    for (let deaths = 0; ; deaths++) {
      try {
        await this.purge(over);
        return deaths;
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      }
    }
  }

  /**
   * Whatever happened: what left MySQL is in every active archive, unless the settings gave it up; and the
   * purge log has exactly what left.
   */
  check({ elsewhere = [] as readonly number[] } = {}): void {
    const left = [...this.#ever].filter((id) => !this.rows.has(id) && !elsewhere.includes(id));
    for (const id of left) {
      const isGivenUp =
        (this.#excluded.has(id) && this.policy.excluded === 'delete') ||
        (id < this.floor && this.policy.declined === 'delete');
      if (isGivenUp) continue;
      for (const { entry, archive } of this.sinks.values()) {
        if (entry.state !== 'active') continue;
        assert.ok(archive.has(id), `${id} was deleted, and ${entry.name} does not have it`);
      }
    }
    const noted = this.records
      .filter(({ kind }) => kind !== 'intent')
      .flatMap(({ ids }) => idsOf(ids))
      .filter((id) => !elsewhere.includes(id));
    assert.deepEqual(
      noted.toSorted((a, b) => a - b),
      left.toSorted((a, b) => a - b),
      'the purge log has what left',
    );
    assert.equal(this.locksHeld, 0, 'the locks were given back');
  }

  /** Every old row that both have and nothing keeps is gone. */
  checkNothingLeft(): void {
    const captured = new Set(this.#topic);
    const left = [...this.rows].filter(
      ([id, { isOld, referenced }]) => isOld && !referenced && captured.has(id),
    );
    assert.deepEqual(left, []);
  }

  #step(step: Step): void {
    for (const hook of this.#hooks) {
      if (hook.step === step && --hook.left === 0) hook.run();
    }
  }

  #state(): LedgerState {
    if (!this.isCaptureStopped) this.#checkpoint = this.#table.binlog;
    const captured = new CapturedIds();
    for (const [offset, id] of this.#topic.entries()) {
      captured.add(id);
      captured.wrote(bucketOf(id), TOPIC, 0, offset, offset + 1);
    }
    for (const id of this.#excluded) captured.exclude(id);
    const position = { file: BINLOG, offset: this.#checkpoint };
    const checkpoint = checkpointOf({
      source: SERVER,
      position,
      startFloor: { position, id: this.floor },
    });
    return {
      checkpoint,
      captured,
      retired: new Map(),
      roster: this.#roster(),
      audits: new Map(),
      request: null,
      records: 0,
    };
  }

  #roster(): RosterSink[] {
    return [...this.sinks.values()].map(({ entry }) => entry);
  }

  #evidence(): Evidence {
    this.#step('evidence');
    const logEnd = BigInt(this.#topic.length);
    const groups = [...this.sinks].map(([name, { committed }]) =>
      landed(name, { committed: BigInt(committed), logEnd, metadata: { dest: DEST } }),
    );
    return evidenceOf(this.#roster(), groups);
  }

  #journal() {
    return {
      open: async () => {
        const last = this.records.at(-1);
        return { unfinished: last?.kind === 'intent' ? last : null, highest: new Map() };
      },
      append: async (record: PurgeRecord) => {
        this.#step(record.kind === 'intent' ? 'intent' : 'done');
        this.records.push(record);
      },
      close: async () => {},
    };
  }

  #locks() {
    this.locksHeld++;
    this.lock = new AbortController();
    const { signal } = this.lock;
    return {
      holder: { names: ['scoreline-purge-log_scores'], connectionId: 1 },
      lost: signal,
      confirm: async () => {
        this.#step('confirm');
        signal.throwIfAborted();
      },
      release: async () => {
        this.locksHeld--;
      },
    };
  }
}

/** At most so many rows in each such time. */
export function allowanceOf(rows: number, intervalMs: number): Allowance {
  return new Allowance({ rows, intervalMs });
}

export function idsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
