import { OPTIONAL, Stack } from '../stack.ts';
import { compareSides, readMysqlSide, readTopicSide } from './compare/index.ts';
import { claim, release } from './folder.ts';
import { allLanded } from './landed.ts';
import { DATABASE, TOPIC } from './names.ts';
import type { DemoOptions, Plant } from './options.ts';
import { Pipeline, serversFor } from './pipeline.ts';
import { plant } from './plant.ts';
import { showPurge } from './purge/show-purge.ts';
import { Screen } from './screen.ts';
import { linksOf, measureFreshness, watch } from './watch.ts';

/** Servers, traffic, services and what is seen of them, from nothing to the end. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #screen: Screen;
  readonly #stack: Stack;
  #pipeline: Pipeline | undefined;
  #claimed = false;

  constructor(options: DemoOptions, screen = new Screen()) {
    this.#options = options;
    this.#screen = screen;
    const say = (text: string): void => screen.say(text);
    const only = serversFor(options);
    const optional = options.isLenient ? OPTIONAL : [];
    this.#stack = new Stack({ dir: options.dir, only, optional, say });
  }

  /** Resolves with the exit code: 0 when it was ended, or the rows were identical. */
  async run(signal: AbortSignal): Promise<number> {
    await claim(this.#stack, (text) => this.#screen.say(text));
    this.#claimed = true;
    await this.#stack.up(signal);
    const pipeline = new Pipeline(this.#stack, this.#options);
    this.#pipeline = pipeline;
    await pipeline.start();
    this.#screen.introduce(linksOf(pipeline));
    const { rows } = this.#options;
    if (rows === null) {
      await this.#watching(pipeline, signal, () => pipeline.traffic.done);
      return 0;
    }
    const landed = await this.#watching(pipeline, signal, async (stop) => {
      await pipeline.traffic.done;
      return allLanded(pipeline.gauges, rows, stop);
    });
    if (signal.aborted) return 0;
    if (landed === false) this.#screen.say('nothing moves any more, and not all rows have landed');
    return (await this.#holds(pipeline, signal)) ? 0 : 1;
  }

  /** Ends everything that this demo started, in order. May be called while `run` is anywhere. */
  async end(): Promise<void> {
    await this.#pipeline?.stop();
    if (!this.#claimed) return;
    await this.#stack.down();
    await release(this.#stack);
  }

  /** `kill -9` for everything. */
  async kill(): Promise<void> {
    if (!this.#claimed) return;
    await Promise.all([
      ...(this.#pipeline?.services ?? []).map((service) => service.stop(0)),
      this.#pipeline?.traffic.stop(0),
      this.#pipeline?.stopPurge(0),
      ...this.#stack.servers.map(async (server) => {
        if (await server.attach()) await server.kill();
      }),
    ]);
  }

  /** Shows what happens until the work is done or the signal comes; resolves with the work's result. */
  async #watching<T>(
    pipeline: Pipeline,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const finished = new AbortController();
    const stop = AbortSignal.any([signal, finished.signal]);
    const source = this.#options.mysql ? 'MySQL 9.7' : 'MariaDB 11.4';
    const watched = Promise.all([
      watch({ pipeline, stack: this.#stack, screen: this.#screen, source }, stop),
      measureFreshness({ pipeline, isRace: this.#options.rate === 0 }, stop),
    ]);
    try {
      const ended = new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      // The watch ends before the work only by failing: a process that dies each time.
      const died = watched.then(() => ended);
      return await Promise.race([work(stop), ended, died]);
    } finally {
      finished.abort();
      await watched.catch(() => {});
    }
  }

  /** Compares every row; then, where all is well, lets the purge delete and shows where the rows are. */
  async #holds(pipeline: Pipeline, signal: AbortSignal): Promise<boolean> {
    const { mysql: isMysql, plant: planted } = this.#options;
    const say = (text: string): void => this.#screen.say(text);
    // What is planted in the topic must not land.
    if (planted !== null) await this.#plant(planted, pipeline);
    const { adminDsn, brokers, registryUrl } = pipeline.addresses;
    const [mysql, topic, ...archives] = await Promise.all([
      readMysqlSide({ dsn: adminDsn }),
      readTopicSide({ brokers, registryUrl, topic: TOPIC }),
      ...pipeline.sinks.map((sink) => sink.read(pipeline.place)),
    ]);
    const { identical, lines } = await compareSides(mysql, [topic, ...archives]);
    for (const text of lines) say(text);
    if (!identical || planted !== null || signal.aborted) return identical;
    return showPurge({ pipeline, isMysql, mysql, topic, say });
  }

  async #plant(planted: Plant, pipeline: Pipeline): Promise<void> {
    await pipeline.stopServices();
    const { brokers, clickhouseUrl } = pipeline.addresses;
    const { files } = pipeline.place;
    const target = { brokers, topic: TOPIC, clickhouseUrl, database: DATABASE, files };
    this.#screen.say(`planted: ${await plant(planted, target)}`);
  }
}
