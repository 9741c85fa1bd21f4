import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { TrafficReport } from '../traffic/main.ts';

const PROGRAM = fileURLToPath(new URL('../traffic/main.js', import.meta.url));
const TAIL_BYTES = 4_000;

export interface TrafficProcessOptions {
  readonly dsn: string;
  readonly rate: number;
  readonly seed: number;
  readonly rows: number | null;
  /** How long ago the first half of the rows was measured; where they are endless, none was. */
  readonly backlogDays: number;
  readonly onReport: (report: TrafficReport) => void;
}

/** The traffic, in a process of its own that ends with this one, however this one ends. */
export class TrafficProcess {
  readonly #options: TrafficProcessOptions;
  #child: ChildProcess | undefined;
  #output = '';
  #latest: TrafficReport | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(options: TrafficProcessOptions) {
    this.#options = options;
  }

  get latest(): TrafficReport | undefined {
    return this.#latest;
  }

  get health(): string {
    if (this.#child === undefined) return 'not running';
    return this.#child.exitCode === null && this.#child.signalCode === null ? 'ready' : 'has ended';
  }

  /** Resolves when it has ended well; rejects with the tail of its output otherwise. */
  get done(): Promise<void> {
    return this.#done;
  }

  start(): void {
    const { dsn, rate, seed, rows, backlogDays, onReport } = this.#options;
    const rowsArgs = rows === null ? [] : [`--rows=${rows}`, `--backlog-days=${backlogDays}`];
    const child = fork(PROGRAM, [`--rate=${rate}`, `--seed=${seed}`, ...rowsArgs], {
      env: { ...process.env, ADMIN_DSN: dsn },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Not in the terminal's process group: Ctrl-C is for the demo, which ends things in order.
      detached: true,
    });
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-TAIL_BYTES);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message) => {
      this.#latest = message as TrafficReport;
      onReport(this.#latest);
    });
    this.#done = this.#ended(child);
    this.#done.catch(() => {});
  }

  async #ended(child: ChildProcess): Promise<void> {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (code === 0) return;
    throw new Error(`traffic ended with ${signal ?? `code ${code}`}:\n${this.#output}`);
  }

  async stop(graceMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await this.#done.catch(() => {});
    clearTimeout(force);
  }
}
