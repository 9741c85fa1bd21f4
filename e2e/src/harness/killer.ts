import { setTimeout as delay } from 'node:timers/promises';

import type { Pipeline } from './pipeline.ts';
import type { Service } from './service.ts';

/** What was in progress when a process was killed, by the word of the brokers. */
export interface Kills {
  /** Captures killed with a transaction open. */
  transactions: number;
  /** Sinks killed with a range pending. */
  ranges: number;
  /** Killed between two of them: such a kill shows nothing, and does not count. */
  idle: number;
}

/** Kills processes with -9, asks the brokers what they left behind, and starts them again. */
export class Killer {
  readonly kills: Kills = { transactions: 0, ranges: 0, idle: 0 };
  readonly #pipeline: Pipeline;
  readonly #random: () => number;

  constructor(pipeline: Pipeline, random: () => number) {
    this.#pipeline = pipeline;
    this.#random = random;
  }

  get counted(): number {
    return this.kills.transactions + this.kills.ranges;
  }

  async capture(service: Service): Promise<void> {
    await this.#pause(50, 900);
    await service.busy();
    await service.kill();
    if (await this.#pipeline.transactionIsOpen()) this.kills.transactions++;
    else this.kills.idle++;
    await service.start();
    await service.ready();
  }

  async sink(service: Service): Promise<void> {
    await this.#pause(50, 900);
    await service.busy();
    await service.kill();
    if ((await this.#pipeline.pendingPartitions()) > 0) this.kills.ranges++;
    else this.kills.idle++;
    await service.start();
    await service.ready();
  }

  async broker(): Promise<void> {
    await this.#pause(50, 900);
    await this.#pipeline.stack.kafka.kill();
    await this.#pipeline.stack.kafka.start();
  }

  #pause(fromMs: number, toMs: number): Promise<void> {
    return delay(fromMs + this.#random() * (toMs - fromMs));
  }
}
