import { RetryableError } from '@scoreline/service';

import type { Allowance } from '../pace/allowance.ts';
import { ChunkSize, MOST_ROWS } from '../pace/chunk-size.ts';
import type { LoadLimits } from '../pace/throttle.ts';
import type { Reason } from '../proof/reason.ts';
import type { Report } from '../report/report.ts';
import { BasisReader } from './basis.ts';
import { CaptureWatch } from './capture-watch.ts';
import type { Halt } from './delete-lot.ts';
import { findFrontier } from './frontier.ts';
import type { Policy } from './judge.ts';
import { Pacer, type PacerOptions } from './pacer.ts';
import { runPass } from './pass.ts';
import type {
  ArchiveStatusPort,
  ChunkOutcome,
  Clock,
  EvidencePort,
  HasPassed,
  HeldLocks,
  IsRewound,
  LedgerPort,
  OpenJournal,
  ProbePort,
  TablePort,
} from './ports.ts';
import { reasonOf } from './reasons.ts';
import { resolveUnfinished } from './resolve.ts';
import type { Standing } from './standing.ts';

export interface PurgerGround {
  readonly ledger: LedgerPort;
  /** @param highest committed offsets that were seen before this process began. */
  readonly evidence: (highest: ReadonlyMap<string, bigint>) => EvidencePort;
  /** The preflight refuses a table, a server or a user with which rows cannot be deleted safely. */
  readonly table: TablePort & { preflight(signal: AbortSignal): Promise<unknown> };
  readonly journal: () => OpenJournal;
  /** What the journal would tell of the highest offsets, for those who do not open it. */
  readonly highest: (signal: AbortSignal) => Promise<ReadonlyMap<string, bigint>>;
  /** `waiting` is told who has a lock that is not to be had. */
  readonly locks: (signal: AbortSignal, waiting: (why: Reason) => void) => Promise<HeldLocks>;
  readonly probe: ProbePort;
  readonly hasPassed: HasPassed;
  readonly isRewound: IsRewound;
  readonly archives: ArchiveStatusPort;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly limits: LoadLimits;
  readonly switches: PacerOptions['switches'];
  readonly allowance: Allowance | null;
  /** At most so many rows a chunk. */
  readonly mostChunkRows?: number | undefined;
  readonly proofMaxAgeMs: number;
  readonly coolDownMs: number;
  /** How long capture may take to pass a place, and a throttle may hold. */
  readonly patience: { readonly captureMs: number; readonly throttleMs: number };
  /** Who deletes, as the purge log has it. */
  readonly by: string;
  readonly standing: Standing;
}

/** Passes over the old rows, for as long as the locks are ours. */
export class Purger {
  readonly #ground: PurgerGround;
  /** Outlives sessions: the source is as quick as it was. */
  readonly #size: ChunkSize;

  constructor(ground: PurgerGround) {
    this.#ground = ground;
    this.#size = new ChunkSize(ground.mostChunkRows);
  }

  /** Takes the locks, makes good what a purge before left unfinished, and hands over what makes a pass. */
  async session(
    halt: Halt,
    work: (pass: (report: Report) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { table, locks: take, journal: journalOf, clock, by, standing } = this.#ground;
    const over = AbortSignal.any([halt.stopping, halt.signal]);
    standing.is('taking the locks');
    const locks = await take(over, (why) => standing.waitsForLock(why));
    const journal = journalOf();
    try {
      standing.leads(true);
      standing.is('examining the source');
      await table.preflight(over);
      const { unfinished, highest } = await journal.open(over);
      if (unfinished !== null) {
        const author = { by, nowMs: clock.now() };
        const rows = await resolveUnfinished(unfinished, { table, journal }, author, over);
        standing.resolved(unfinished.chunk, rows);
      }
      const evidence = this.#ground.evidence(highest);
      await work((report) => this.#pass(report, { locks, journal, evidence, halt }));
    } finally {
      standing.leads(false);
      await journal.close();
      await locks.release();
    }
  }

  /** Walks the same way, and deletes nothing: whoever has the locks goes on. */
  async look(report: Report, halt: Halt): Promise<void> {
    const over = AbortSignal.any([halt.stopping, halt.signal]);
    await this.#ground.table.preflight(over);
    const highest = await this.#highest(report, over);
    const basis = this.#basis(this.#ground.evidence(highest), over);
    await runPass({ ...this.#shared(basis), deletion: null, onLot: () => {} }, report, halt);
  }

  /** Without it rows may seem to be deletable that are not: that is told, and everything else too. */
  async #highest(report: Report, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
    try {
      return await this.#ground.highest(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof RetryableError)) throw error;
      report.refused.push(reasonOf(error));
      return new Map();
    }
  }

  async #pass(report: Report, session: Session): Promise<void> {
    const { table, archives, allowance, clock, by, standing } = this.#ground;
    const { locks, journal, evidence, halt } = session;
    const over = AbortSignal.any([halt.stopping, halt.signal, locks.lost]);
    const shared = this.#shared(this.#basis(evidence, over));
    const span = await table.span(over);
    standing.begins(span, span === null ? null : await findFrontier(table, span, over));
    const pacer = this.#pacer(shared.capture);
    const deletion = {
      ...shared,
      journal,
      locks,
      clock,
      by,
      pacer,
      size: this.#size,
      allowance,
      changedAt: new Set<number>(),
      onOutcome: (outcome: ChunkOutcome, id: number) => {
        if (outcome.kind === 'deleted') report.deleted += outcome.rows;
        standing.chunk(outcome, { id, nextRows: this.#size.rows });
      },
    };
    const onLot = (reached: number) => standing.reached(report, reached);
    await runPass({ ...shared, deletion, onLot }, report, {
      stopping: AbortSignal.any([halt.stopping, locks.lost]),
      signal: halt.signal,
    });
    const { state, evidence: latest } = await shared.basis.current(over);
    await archives.keep(state, latest, over);
    standing.ended(report);
  }

  #shared(basis: BasisReader) {
    const { ledger, table, hasPassed, isRewound, clock, policy, mostChunkRows } = this.#ground;
    const patienceMs = this.#ground.patience.captureMs;
    return {
      table,
      basis,
      policy,
      capture: new CaptureWatch({ ledger, table, hasPassed, isRewound, patienceMs, clock }),
      mostChunkRows: mostChunkRows ?? MOST_ROWS,
    };
  }

  #basis(evidence: EvidencePort, signal: AbortSignal): BasisReader {
    const { ledger, archives, clock, proofMaxAgeMs: maxAgeMs } = this.#ground;
    return new BasisReader({ ledger, evidence, archives, clock, maxAgeMs, signal });
  }

  #pacer(capture: CaptureWatch): Pacer {
    const { probe, limits, switches, allowance, coolDownMs, patience, clock, standing } =
      this.#ground;
    return new Pacer({
      load: async (signal) => ({
        ...(await probe.read(signal)),
        captureLagMs: await capture.lagMs(signal),
      }),
      switches,
      limits,
      allowance,
      coolDownMs,
      patienceMs: patience.throttleMs,
      clock,
      onHold: (hold, waitedMs) => standing.held(hold, waitedMs),
    });
  }
}

interface Session {
  readonly locks: HeldLocks;
  readonly journal: OpenJournal;
  readonly evidence: EvidencePort;
  readonly halt: Halt;
}
