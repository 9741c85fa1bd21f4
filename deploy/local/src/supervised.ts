import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { holdsPort, isAlive, startTime } from './processes.ts';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port whose listener must be this process when it is ready. */
  readonly port: number;
  readonly ready: () => Promise<boolean>;
  readonly timeoutMs?: number;
  /** Ends the process again when it comes before the process is ready. */
  readonly signal?: AbortSignal | undefined;
}

const LOG_TAIL_LINES = 20;

/**
 * One server process in one folder: `pid` names it (with its start time, because pids are reused),
 * `server.log` holds its output. It outlives the process that started it, until `stop`.
 */
export class Supervised {
  readonly #name: string;
  readonly #dir: string;

  constructor(name: string, dir: string) {
    this.#name = name;
    this.#dir = dir;
  }

  get logFile(): string {
    return join(this.#dir, 'server.log');
  }

  /** The pid of the process that this folder's server runs as, or null. */
  async pid(): Promise<number | null> {
    const text = await readFile(join(this.#dir, 'pid'), 'utf8').catch(() => '');
    const [pid, started] = text.trim().split(' ');
    if (!pid || !started || startTime(Number(pid)) !== started) return null;
    return isAlive(Number(pid)) ? Number(pid) : null;
  }

  async launch(options: Launch): Promise<number> {
    const { command, args, env, port, ready, signal, timeoutMs = 90_000 } = options;
    signal?.throwIfAborted();
    await mkdir(this.#dir, { recursive: true });
    const log = await open(this.logFile, 'a');
    const child = spawn(command, args, {
      cwd: this.#dir,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) =>
        reject(new Error(`${this.#name}: cannot run ${command}: ${error.message}`)),
      );
    });
    failed.catch(() => {});
    child.unref();
    await log.close();
    const { pid } = child;
    if (pid === undefined) return failed;
    await writeFile(join(this.#dir, 'pid'), `${pid} ${startTime(pid) ?? ''}`);
    const giveUpAt = Date.now() + timeoutMs;
    for (;;) {
      if (signal?.aborted) {
        await this.end('SIGTERM');
        throw signal.reason;
      }
      if (!isAlive(pid)) throw await this.#died('ended before it was ready');
      if (await ready()) {
        // An open port alone may be somebody else's server.
        if (holdsPort(pid, port)) return pid;
        await this.end('SIGKILL');
        throw await this.#died(`found its port ${port} held by another process`);
      }
      if (Date.now() > giveUpAt) {
        await this.end('SIGKILL');
        throw await this.#died(`was not ready after ${timeoutMs / 1000} s`);
      }
      await Promise.race([delay(50), failed]);
    }
  }

  /** Ends the process, by force after `graceMs`. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL', graceMs = 7_000): Promise<void> {
    const pid = await this.pid();
    if (pid !== null) {
      send(pid, signal);
      const forceAt = Date.now() + graceMs;
      for (let forced = false; isAlive(pid);) {
        if (!forced && Date.now() > forceAt) {
          forced = true;
          send(pid, 'SIGKILL');
        }
        await delay(20);
      }
    }
    await rm(join(this.#dir, 'pid'), { force: true });
  }

  async tail(): Promise<string> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  async #died(what: string): Promise<Error> {
    return new Error(`${this.#name} ${what}. The end of ${this.logFile}:\n${await this.tail()}`);
  }
}

/** It may have ended since it was looked for. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
