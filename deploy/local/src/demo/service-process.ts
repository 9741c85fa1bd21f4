import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '../ports.ts';
import { Supervised } from '../supervised.ts';
import { logTail } from './log-tail.ts';

export interface ServiceOptions {
  readonly name: string;
  /** Its folder: pid and log. */
  readonly dir: string;
  /** The program, as `node` takes it. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A service that keeps ending is not started for ever. */
const STARTS = 6;
const START_TIMEOUT_MS = 30_000;

/** One service of the pipeline as a process: restarted when it dies, as Kubernetes would do. */
export class ServiceProcess {
  readonly name: string;
  readonly #options: ServiceOptions;
  readonly #process: Supervised;
  #port = 0;
  /** Where in the log the present process begins. */
  #logFrom = 0;
  #starts = 0;
  #wanted = false;
  #starting = false;

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#process = new Supervised(options.name, join(options.dir, options.name));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get logFile(): string {
    return this.#process.logFile;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  async start(): Promise<void> {
    const [port = 0] = await freePorts(1);
    this.#port = port;
    this.#wanted = true;
    await this.#launch();
  }

  /**
   * Starts the process again if it has died, and resolves with what to tell of its death.
   * Rejects, with the tail of its log, when it dies each time.
   */
  async revive(): Promise<string | null> {
    if (!this.#wanted || this.#starting || (await this.#process.pid()) !== null) return null;
    const tail = await logTail(this.logFile, this.#logFrom);
    const death = `${this.name} died. The end of ${this.logFile}:\n${tail}`;
    if (this.#starts >= STARTS)
      throw new Error(`${death}\n${this.name} was started ${STARTS} times`);
    const failed = await this.#launch().then(
      () => false,
      () => true,
    );
    return `${death}\n${this.name} was started again${failed ? ', in vain' : ''}`;
  }

  /** `ready`, or why not, in the service's own words. */
  async health(): Promise<string> {
    try {
      const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) });
      return (await response.text()).trim().replaceAll('\n', '; ');
    } catch {
      return (await this.#process.pid()) === null ? 'not running' : 'does not answer';
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    await this.#process.end('SIGTERM', graceMs);
  }

  async #launch(): Promise<void> {
    this.#starting = true;
    this.#starts++;
    const { program, env } = this.#options;
    this.#logFrom = await stat(this.logFile).then(
      ({ size }) => size,
      () => 0,
    );
    try {
      await this.#process.launch({
        command: process.execPath,
        args: [program],
        env: { ...env, http_host: '127.0.0.1', http_port: String(this.#port) },
        port: this.#port,
        ready: () => this.#answers(),
        timeoutMs: START_TIMEOUT_MS,
      });
    } finally {
      this.#starting = false;
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/livez`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }
}
