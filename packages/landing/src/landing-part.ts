import { setTimeout as delay } from 'node:timers/promises';

import { isCoordinatorMoving, isLeaderPending, isPassing, kafkaErrorType } from '@scoreline/kafka';
import { aborted, ConfigError, type Logger, type Part, retry } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { commitAlone } from './commit-alone.ts';
import { besideOthers } from './existing-rows.ts';
import type { LandingScope } from './generation.ts';
import { readGroup } from './group-offsets.ts';
import { beginningOf } from './other-topics.ts';
import type { PartitionLanding } from './partition-landing.ts';
import { progress as rules, type Progress } from './progress.ts';
import { resume } from './resume.ts';
import { Session, type SessionOptions } from './session.ts';
import { landingStatus } from './status.ts';
import { type Standing, topicMissing } from './topic-standing.ts';

export interface LandingOptions {
  /** Of the part. */
  readonly name: string;
  readonly topic: string;
  readonly log: Logger;
  readonly kafka: Kafka;
  readonly session: SessionOptions;
  /** Asked at start, and while the topic is awaited. */
  readonly standing: (admin: Admin, signal: AbortSignal) => Promise<Standing>;
  /** What the part consumes for: made when the destination has been looked at and the topic is there. */
  readonly open: (signal: AbortSignal) => Promise<LandingScope>;
  /** Asked until it answers, before the group is joined: partitions are for members who can land them. */
  readonly checkRegistry: (signal: AbortSignal) => Promise<void>;
  /** `accept_offset`, and `accept_quarantined`. */
  readonly accepted: (partition: number) => bigint | undefined;
  readonly released: (partition: number) => bigint | undefined;
  readonly onJoin: () => void;
  readonly onSession: () => void;
  /** What the destination says, when it does not take what it is given. */
  readonly trouble: () => string | null;
}

/** Between two looks for a topic that is awaited. */
const AWAIT_MS = 1_000;
const UNKNOWN = 'UNKNOWN_TOPIC_OR_PARTITION';
/** How long brokers may say so of a topic that is being made: one that was deleted looks the same. */
const UNKNOWN_MS = 60_000;
const AGAIN_MS = { min: 250, max: 15_000 };
/** A session that lived this long failed of something new. */
const HEALTHY_MS = 60_000;

/**
 * Consumes for as long as the service runs: one session after another, each beginning with what the
 * broker says. Errors that pass by themselves (a broker that restarts) cost a session; the others
 * end the service.
 */
export class LandingPart implements Part {
  readonly name: string;
  done: Promise<void> | undefined;
  readonly #options: LandingOptions;
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  #admin: Admin;
  #scope: LandingScope | null = null;
  #session: Session | null = null;
  #state = 'joining the group';
  #standing: Standing = 'there';

  constructor(options: LandingOptions) {
    this.#options = options;
    this.name = options.name;
    this.#admin = options.kafka.admin();
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#force.abort(), { once: true });
    const { topic, log } = this.#options;
    await this.#connect();
    this.#standing = await this.#stand(signal);
    if (this.#standing === 'retired') {
      log.warn(
        `${topic} is retired, and nothing of it is landed any more: leave it out of topic_versions`,
      );
    } else if (this.#standing === 'absent') {
      await this.#admin.disconnect();
    } else if (this.#standing !== 'there') {
      log.info(
        this.#standing === 'later'
          ? `${topic} is landed when what the sink has to land before it has landed`
          : `capture has not made ${topic} yet: it is landed once it is there`,
      );
      this.done = this.#awaitTopic();
    } else {
      const { scope, partitions } = await this.#open(signal);
      this.done = this.#run(scope, partitions);
    }
  }

  async #open(signal: AbortSignal): Promise<{ scope: LandingScope; partitions: number }> {
    const scope = await this.#options.open(signal);
    this.#scope = scope;
    return { scope, partitions: await this.#checkAtStart(scope, signal) };
  }

  /** @throws PermanentError `topic-missing` when the brokers know nothing of the topic for a while. */
  async #checkAtStart(scope: LandingScope, signal: AbortSignal): Promise<number> {
    const giveUpAt = performance.now() + UNKNOWN_MS;
    const isGone = (error: unknown) =>
      kafkaErrorType(error) === UNKNOWN && performance.now() >= giveUpAt;
    try {
      // Also of a group that the coordinator hears of for the first time, and of a topic that capture is making.
      return await retry(() => this.#check(scope, signal), {
        signal,
        log: this.#options.log,
        what: `reading the offsets of ${scope.group}`,
        classify: (error) =>
          isCoordinatorMoving(error) || (isLeaderPending(error) && !isGone(error)),
      });
    } catch (error) {
      throw isGone(error) ? topicMissing(scope.topic, error) : error;
    }
  }

  async #stand(signal: AbortSignal): Promise<Standing> {
    const { topic, standing, log } = this.#options;
    return retry(() => standing(this.#admin, signal), {
      signal,
      log,
      what: `looking how it stands with ${topic}`,
      classify: isPassing,
    });
  }

  /** A version that capture does not publish yet, or a backfill whose turn has not come. */
  async #awaitTopic(): Promise<void> {
    const { topic, log } = this.#options;
    const { signal } = this.#stop;
    try {
      while (this.#standing === 'awaited' || this.#standing === 'later') {
        await delay(AWAIT_MS, undefined, { signal });
        const there = await retry(() => this.#admin.listTopics(), {
          signal,
          log,
          what: `looking for ${topic}`,
          classify: isPassing,
        });
        if (there.includes(topic)) this.#standing = await this.#stand(signal);
      }
      // Retired before it was ever landed here: the part has nothing to do, and goes on doing it.
      if (this.#standing !== 'there') await aborted(signal);
      const { scope, partitions } = await this.#open(signal);
      await this.#run(scope, partitions);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async stop(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#force.abort(), { once: true });
    if (signal.aborted) this.#force.abort();
    this.#stop.abort();
    await this.done?.catch(() => {});
    await this.#admin.disconnect();
  }

  /** The partitions that this member has now. */
  landings(): Iterable<PartitionLanding> {
    return this.#session?.generation?.landings.values() ?? [];
  }

  notReady(): string | null {
    if (this.#standing !== 'there') return null;
    const trouble = this.#options.trouble();
    if (trouble !== null) return trouble;
    const generation = this.#session?.generation;
    return generation?.isReady ? null : this.#state;
  }

  status(): unknown {
    if (this.#scope === null) return { topic: this.#options.topic, standing: this.#standing };
    return landingStatus(this.#scope, this.#session?.generation ?? null);
  }

  async #run(scope: LandingScope, partitionsAtStart: number): Promise<void> {
    let partitions: number | null = partitionsAtStart;
    // What was checked at the start may be old by now.
    if (await this.#awaitRegistry()) partitions = null;
    for (let failures = 0; !this.#stop.signal.aborted;) {
      const beganAt = performance.now();
      try {
        if (failures > 0) await this.#renewAdmin();
        partitions ??= await this.#check(scope, this.#stop.signal);
        this.#options.onSession();
        const { kafka, session: options, onJoin } = this.#options;
        const session = new Session(kafka, scope, { admin: this.#admin, options, onJoin });
        this.#session = session;
        await session.run(partitions, {
          stop: this.#stop.signal,
          force: this.#force.signal,
        });
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!isPassing(error)) throw error;
        failures = performance.now() - beganAt > HEALTHY_MS ? 1 : failures + 1;
        await this.#pause(error, failures);
      }
      partitions = null;
    }
  }

  /** Whether it took a wait. */
  async #awaitRegistry(): Promise<boolean> {
    const { checkRegistry, log } = this.#options;
    const { signal } = this.#stop;
    let hasWaited = false;
    try {
      await retry(() => checkRegistry(signal), {
        signal,
        log,
        what: 'asking the schema registry',
        maxDelayMs: 5_000,
        onFailure: (error) => {
          hasWaited = true;
          this.#state = `waiting for the schema registry: ${messageOf(error)}`;
        },
      });
      this.#state = 'joining the group';
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return hasWaited;
  }

  async #connect(): Promise<void> {
    try {
      await this.#admin.connect();
    } catch (cause) {
      throw new ConfigError(`kafka_brokers: cannot connect: ${messageOf(cause)}`, {
        code: 'kafka-unreachable',
        remedy:
          'Check the addresses, kafka_tls and kafka_sasl_mechanism, and that the brokers run.',
        cause,
      });
    }
  }

  /** What failed may be a connection that carries nothing any more, and kafkajs would keep it (K24). */
  async #renewAdmin(): Promise<void> {
    const before = this.#admin;
    this.#admin = this.#options.kafka.admin();
    await before.disconnect();
    await this.#admin.connect();
  }

  async #pause(error: unknown, failures: number): Promise<void> {
    this.#state = `consuming again after: ${messageOf(error)}`;
    const ms = Math.min(AGAIN_MS.min * 2 ** (failures - 1), AGAIN_MS.max);
    this.#options.log.warn({ err: error, againInMs: ms }, 'consuming failed; beginning anew');
    try {
      await delay(ms, undefined, { signal: this.#stop.signal });
    } catch {
      // Stopped meanwhile, which the loop sees.
    }
  }

  /**
   * Looks at every partition before the group is joined, so that what is wrong with offsets is said
   * in words, and not by a fetch that crashes. What an operator has decided is committed here, which
   * the coordinator allows only while nobody is in the group.
   */
  async #check(scope: LandingScope, signal: AbortSignal): Promise<number> {
    const all = await readGroup(this.#admin, scope);
    const beginning = await beginningOf(this.#admin, all, scope);
    const dest = { ...scope.destination, holdsRows: beginning.holdsRows };
    const begun = new Map<number, Progress>();
    const released = new Map<number, Progress>();
    for (const found of all) {
      const { partition } = found;
      const accepted = this.#options.accepted(partition);
      const { progress, isNew } = resume(found, {
        dest,
        accepted,
        antiJoin: scope.existing.antiJoin,
      });
      if (isNew && accepted !== undefined) begun.set(partition, progress);
      else if (this.#isReleased(scope, partition, progress)) {
        released.set(partition, rules.release(progress));
      }
    }
    const beside = await besideOthers(begun, scope, { ...beginning, signal });
    const decided = new Map([...beside, ...released]);
    if (decided.size > 0) await commitAlone(this.#options.kafka, scope, decided);
    return all.length;
  }

  /** Only as a whole: of what was put aside later than the operator has seen, nothing is known. */
  #isReleased({ log, topic }: LandingScope, partition: number, { quarantined }: Progress): boolean {
    const released = this.#options.released(partition);
    if (released === undefined || quarantined === undefined) return false;
    if (released === quarantined.last) return true;
    log.warn(
      { partition, released, quarantined },
      `accept_quarantined is not followed: the last record that ${topic}[${partition}] has in quarantine is another one`,
    );
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
