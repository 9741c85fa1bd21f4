import { setTimeout as delay } from 'node:timers/promises';

import type { LedgerState } from '@scoreline/ledger';
import { type Logger, type Part, unlessAborted } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import type { PurgeConfig } from '../config.ts';
import { askBrokers } from '../roster/ask-brokers.ts';
import { deleteRecords } from './delete-records.ts';
import type { TrimMetrics } from './metrics.ts';
import { planTrim, type TrimEvidence, type TrimPlan } from './trim-plan.ts';
import { TrimReader } from './trim-reader.ts';

export interface TrimPartOptions {
  readonly kafka: Kafka;
  /** The ledger as it is now. */
  readonly ledger: { refresh(signal: AbortSignal): Promise<LedgerState> };
  readonly config: Pick<PurgeConfig, 'sinks' | 'topic_keep' | 'trim_interval'>;
  readonly metrics: TrimMetrics;
  readonly log: Logger;
}

/**
 * Lets the topic forget what every sink has landed, each `trim_interval`. It is beside the purge: what keeps
 * it from its work keeps records, which costs room and nothing else.
 */
export class TrimPart implements Part {
  readonly name = 'trim';
  readonly #options: TrimPartOptions;
  readonly #reader: TrimReader;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #plan: TrimPlan | null = null;
  #problem: string | null = null;
  #told = '';

  constructor(options: TrimPartOptions) {
    this.#options = options;
    this.#reader = new TrimReader({ keepMs: options.config.topic_keep });
  }

  async start(): Promise<void> {
    if (this.#options.config.trim_interval > 0) this.#running = this.#run(this.#stopping.signal);
  }

  /** A partition whose deletion was sent is waited for, as long as there is time. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    if (this.#running !== undefined) await unlessAborted(this.#running, signal).catch(() => {});
  }

  status(): unknown {
    return {
      problem: this.#problem,
      partitions: this.#plan?.decisions.map(({ topic, partition, logStart, below, reasons }) => ({
        topic,
        partition,
        logStart,
        below,
        reasons,
      })),
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { config, log, metrics } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        metrics.lastSuccess.setToCurrentTime();
      } catch (error) {
        if (signal.aborted) return;
        metrics.failures.inc();
        this.#problem = error instanceof Error ? error.message : String(error);
        log.warn({ err: error, retryInMs: config.trim_interval }, 'trimming the topic failed');
      }
      await delay(config.trim_interval, undefined, { signal }).catch(() => {});
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { kafka, ledger } = this.#options;
    const state = await ledger.refresh(signal);
    const admin = kafka.admin({ retry: { retries: 3 } });
    try {
      await askBrokers('the cluster', signal, () => admin.connect());
      await this.#trim(admin, await this.#reader.read(admin, state, signal), signal);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async #trim(admin: Admin, evidence: TrimEvidence, signal: AbortSignal): Promise<void> {
    const { config, metrics, log } = this.#options;
    const plan = planTrim(evidence, config.sinks);
    this.#plan = plan;
    this.#problem = plan.problems.map(({ message }) => message).join('; ') || null;
    this.#tell(plan);
    for (const { topic, partition, logStart } of evidence.partitions) {
      metrics.logStart.set({ topic, partition }, Number(logStart));
    }
    await deleteRecords(admin, plan.decisions, {
      signal,
      trimmed: ({ topic, partition, from, start }) => {
        metrics.trimmedOffsets.inc({ topic, partition }, Number(start - from));
        metrics.logStart.set({ topic, partition }, Number(start));
        log.debug({ topic, partition, from, start }, 'records deleted from the topic');
      },
    });
  }

  /** What keeps records is told when it changes: a sink may be behind for days. */
  #tell({ problems, decisions }: TrimPlan): void {
    const { metrics, log } = this.#options;
    metrics.held.reset();
    const reasons = [...problems, ...decisions.flatMap((decision) => decision.reasons)];
    for (const { code, at } of reasons) metrics.held.inc({ sink: at?.sink ?? '', code });
    const refused = reasons.filter(({ kind }) => kind === 'refuse');
    const told = refused.map(({ code, at }) => `${code} ${at?.sink} ${at?.partition}`).join();
    if (told === this.#told) return;
    this.#told = told;
    if (refused.length === 0) log.info('the topic can be trimmed again');
    else log.warn({ refused: refused.map(({ message }) => message) }, 'the topic is not trimmed');
  }
}
