import { RetryableError, unlessAborted } from '@scoreline/service';

import { isFresh } from './basis-age.ts';
import type { Basis } from './judge.ts';
import type { ArchiveStatusPort, Clock, EvidencePort, LedgerPort } from './ports.ts';

export interface Grounds {
  readonly ledger: LedgerPort;
  readonly evidence: EvidencePort;
  readonly archives: Pick<ArchiveStatusPort, 'whyNot'>;
  readonly clock: Clock;
  readonly maxAgeMs: number;
  /** Of all who read here: one who gives up does not take it from the others. */
  readonly signal: AbortSignal;
}

/** What decisions are made of, read again before it is too old. */
export class BasisReader {
  readonly #grounds: Grounds;
  #basis: Basis | undefined;
  #reading: Promise<Basis> | undefined;

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
  }

  /**
   * One that is younger than `maxAgeMs`.
   *
   * @throws RetryableError `evidence-stale` when it cannot be read in that time.
   */
  async current(signal: AbortSignal): Promise<Basis> {
    if (this.#basis !== undefined && this.#isYoung(this.#basis)) return this.#basis;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    const basis = await unlessAborted(this.#reading, signal);
    this.#basis = basis;
    if (this.#isYoung(basis)) return basis;
    throw new RetryableError(
      `reading what the sinks have landed takes longer than proof_max_age, ${this.#grounds.maxAgeMs}ms`,
      { code: 'evidence-stale', remedy: 'Look at the brokers, or raise proof_max_age.' },
    );
  }

  /** The next one is read anew. */
  forget(): void {
    this.#basis = undefined;
  }

  async #read(): Promise<Basis> {
    const { ledger, evidence, archives, signal } = this.#grounds;
    const readAtMs = this.#grounds.clock.now();
    // In this order: an offset of the ledger is then in the logs of which the evidence tells the ends.
    const state = await ledger.refresh(signal);
    const others = await archives.whyNot(signal);
    return { readAtMs, state, others, evidence: await evidence.read(state, signal) };
  }

  #isYoung({ readAtMs }: Basis): boolean {
    const { clock, maxAgeMs } = this.#grounds;
    return isFresh(readAtMs, clock.now(), maxAgeMs);
  }
}
