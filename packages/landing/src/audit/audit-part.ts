import { setTimeout as delay } from 'node:timers/promises';

import type { Logger, Part } from '@scoreline/service';

import { type AuditMetrics, showAudit } from './audit-metrics.ts';
import type { MadeAudit } from './audit-of-sink.ts';
import { differs, KINDS } from './audit-report.ts';
import type { AuditOutcome } from './audit.ts';

/** After the start: what has been audited lately is not audited again. */
const FIRST_MS = 60_000;

export interface AuditPartOptions {
  readonly sink: string;
  readonly intervalMs: number;
  /** Of several members of a group one is enough. */
  readonly isMine: () => boolean;
  /** Audits what is due. */
  readonly audit: (signal: AbortSignal) => Promise<MadeAudit>;
  readonly metrics: AuditMetrics;
  readonly log: Logger;
}

/**
 * Compares what has been landed since the last time with the ledger, beside the landing, which does not wait
 * for it: whatever comes of it is told, and stops nothing.
 */
export class AuditPart implements Part {
  readonly name = 'audit';
  readonly #options: AuditPartOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #last: unknown = null;

  constructor(options: AuditPartOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  status(): unknown {
    return this.#last;
  }

  async #run(): Promise<void> {
    const { intervalMs, isMine } = this.#options;
    const { signal } = this.#stop;
    let waitMs = Math.min(intervalMs, FIRST_MS);
    while (!signal.aborted) {
      await delay(waitMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted && isMine()) await this.#audit(signal);
      waitMs = intervalMs;
    }
  }

  async #audit(signal: AbortSignal): Promise<void> {
    const { sink, audit, metrics, log } = this.#options;
    try {
      const { outcome, record } = await audit(signal);
      this.#tell(outcome);
      showAudit(metrics, sink, { outcome, audits: await record() });
    } catch (error) {
      if (signal.aborted) return;
      metrics.failures.inc({ sink });
      log.error({ err: error }, 'the audit ended with an error; the next one begins anew');
      this.#last = { error: error instanceof Error ? error.message : String(error) };
    }
  }

  #tell(outcome: AuditOutcome): void {
    const { clean, unclean, waiting, ids, atMs } = outcome;
    const facts = {
      at: new Date(atMs).toISOString(),
      ids,
      clean: clean.size,
      unclean: unclean.size,
      waiting: waiting.length,
      ...Object.fromEntries(KINDS.map((kind) => [kind, outcome[kind].count])),
    };
    this.#last = facts;
    const { log } = this.#options;
    if (!differs(outcome)) {
      if (clean.size > 0) log.info(facts, 'audited');
      return;
    }
    const ranges = Object.fromEntries(
      KINDS.map((kind) => [kind, outcome[kind].ranges.slice(0, 20)]),
    );
    log.error(
      { ...facts, ids: ranges },
      'the destination does not hold what the ledger has: see docs/6-troubleshooting.md',
    );
  }
}
