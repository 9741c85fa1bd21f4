import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Command {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly stopSignal?: NodeJS.Signals;
}

const STOP_GRACE_MS = 30_000;
const LOG_TAIL_LINES = 15;
const POLL_MS = 100;

/** A process that is measured: its output goes to a file, its end is an error. */
export class MeasuredProcess {
  readonly pid: number;
  readonly #command: Command;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(command: Command, child: ChildProcess) {
    this.#command = command;
    this.#child = child;
    this.#closed = once(child, 'close');
    if (child.pid === undefined) throw new Error(`${command.name} has no pid`);
    this.pid = child.pid;
  }

  static async start(command: Command): Promise<MeasuredProcess> {
    await mkdir(dirname(command.logFile), { recursive: true });
    const log = await open(command.logFile, 'w');
    try {
      const child = spawn(command.command, command.args, {
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...command.env },
        // Away from configuration files that the user's folder may hold.
        cwd: dirname(command.logFile),
        stdio: ['ignore', log.fd, log.fd],
      });
      await once(child, 'spawn');
      return new MeasuredProcess(command, child);
    } finally {
      await log.close();
    }
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** All that it has said so far. */
  output(): Promise<string> {
    return readFile(this.#command.logFile, 'utf8').catch(() => '');
  }

  /** Resolves with its output when it has said this. @throws when it ends before. */
  async said(what: string, signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const output = await this.output();
      if (output.includes(what)) return output;
      if (!this.running) throw await this.failure(`ended before it said "${what}"`);
      await delay(POLL_MS);
    }
  }

  /** An error that carries the end of the process's output. */
  async failure(what: string): Promise<Error> {
    const tail = (await this.output()).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    return new Error(`${this.#command.name} ${what}. The end of its output:\n${tail}`);
  }

  async stop(): Promise<void> {
    if (this.running) this.#child.kill(this.#command.stopSignal ?? 'SIGTERM');
    const ended = await Promise.race([
      this.#closed.then(() => true),
      delay(STOP_GRACE_MS, false, { ref: false }),
    ]);
    if (ended) return;
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
