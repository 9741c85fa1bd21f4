import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Backlog } from '../backlog.ts';
import { type Bench, sqlAddress } from '../bench.ts';
import { assertIdentical, type Identity } from '../identity.ts';
import { FilePlace } from '../landing/file-place.ts';
import { groupLag, isStable } from '../landing/group.ts';
import { planOf } from '../landing/landing-plan.ts';
import { mayAskAfterMs, TIMEOUT_MS } from '../landing/pace.ts';
import type { OpenPlace } from '../landing/place.ts';
import type { Measured } from '../measurement.ts';
import type { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { startService } from '../service.ts';
import { percentile } from '../summary.ts';
import { watchDeletes } from './delete-watch.ts';
import { PurgeScene } from './purge-scene.ts';
import { requireYoung } from './require-young.ts';

/**
 * services/purge as an operator would run it once, after a sink of files has landed everything and was
 * promoted: nothing bounds it but the proof. Afterwards what has left MySQL must be in the files.
 */
export class ScorelinePurge implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #backlog: () => Backlog;

  constructor(bench: Bench, backlog: () => Backlog) {
    this.#bench = bench;
    this.#backlog = backlog;
  }

  prepare(): Promise<null> {
    return Promise.resolve(null);
  }

  async measure(round: number): Promise<Measured> {
    const { database: from, identity: old } = this.#backlog();
    const name = `scoreline-${round}`;
    const scene = await PurgeScene.open(this.#bench, { from, rows: old.count, name });
    const landing = await new FilePlace(this.#bench, 'purge').open(round);
    try {
      const sink = await this.#startSink(scene, landing, round);
      try {
        await this.#landed(scene, sink);
        await this.#promote(scene, round);
        const fresh = await scene.startFresh();
        const purge = await this.#start(scene, round, 'once');
        let measured: Measured;
        let ages: number[];
        try {
          measured = await watchDeletes(this.#bench, purge, old.count);
        } finally {
          await purge.stop();
          ages = await fresh.stop();
        }
        await requireYoung(scene, ages.length);
        await scene.stopCapture();
        await this.#landed(scene, sink);
        const all = plus(old, await scene.identity());
        assertIdentical('the folder of the sink', await landing.identity(), all);
        return { ...measured, freshP99Ms: percentile(ages, 0.99) };
      } finally {
        await sink.stop();
      }
    } finally {
      await landing.close();
      await scene.close();
    }
  }

  #startSink(scene: PurgeScene, landing: OpenPlace, round: number): Promise<MeasuredProcess> {
    return startService(this.#bench, 'sink-file', {
      logFile: join(this.#bench.dir, 'purge', `sink-${round}.log`),
      env: {
        ...this.#kafka(scene),
        spool_dir: this.#bench.dir,
        ...planOf('landing-file-null').settings,
        ...landing.env,
      },
    });
  }

  /** Until the sink has committed all that is in the topic now. */
  async #landed({ topic }: PurgeScene, sink: MeasuredProcess): Promise<void> {
    const groupId = `sink-file.${topic}`;
    const ends = await this.#bench.admin.fetchTopicOffsets(topic);
    const begun = performance.now();
    for (;;) {
      this.#bench.signal.throwIfAborted();
      if (!sink.running) throw await sink.failure('ended before its work was done');
      const stable = await isStable(this.#bench, groupId);
      if (stable && (await groupLag(this.#bench, { groupId, topic, ends })) === 0) return;
      const passedMs = performance.now() - begun;
      if (passedMs > TIMEOUT_MS) throw await sink.failure('does not land everything');
      await delay(mayAskAfterMs(passedMs));
    }
  }

  /** The plan first, then the very plan. */
  async #promote(scene: PurgeScene, round: number): Promise<void> {
    const settings = { sink: 'file', why: 'bench' };
    const planned = await this.#ended(await this.#start(scene, round, 'promote', settings));
    const digest = /--plan-digest[= ](\S+)/.exec(planned)?.[1];
    if (digest === undefined) throw new Error(`no plan to promote the sink:\n${planned}`);
    await this.#ended(
      await this.#start(scene, round, 'promote', { ...settings, plan_digest: digest }),
    );
  }

  async #ended(process: MeasuredProcess): Promise<string> {
    while (process.running) {
      this.#bench.signal.throwIfAborted();
      await delay(mayAskAfterMs(0));
    }
    if (process.exitCode !== 0) throw await process.failure(`ended with ${process.exitCode}`);
    return process.output();
  }

  #start(
    scene: PurgeScene,
    round: number,
    action: 'once' | 'promote',
    more: Readonly<Record<string, string>> = {},
  ): Promise<MeasuredProcess> {
    const { host, port } = sqlAddress(this.#bench.env);
    return startService(this.#bench, 'purge', {
      args: [`--${action}`],
      logFile: join(this.#bench.dir, 'purge', `${action}-${round}.log`),
      env: {
        ...this.#kafka(scene),
        DATABASE_DSN: `root@tcp(${host}:${port})/${scene.run.database}`,
        topic_replication: '1',
        sinks: 'file',
        // Nothing else runs here that would want to be spared.
        max_threads_running: '1000',
        critical_threads_running: '1001',
        max_history_list_length: '1000000000',
        ...more,
      },
    });
  }

  #kafka({ run }: PurgeScene): Record<string, string> {
    const { env } = this.#bench;
    return {
      KAFKA_BROKERS: env['KAFKA_BROKERS'] ?? '',
      SCHEMA_REGISTRY_URL: env['SCHEMA_REGISTRY_URL'] ?? '',
      topic_prefix: run.prefix,
    };
  }
}

/** Of sets that have no id in common. */
function plus(a: Identity, b: Identity): Identity {
  return {
    count: a.count + b.count,
    distinct: a.distinct + b.distinct,
    sum: a.sum + b.sum,
  };
}
