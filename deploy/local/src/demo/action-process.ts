import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startTime } from '../processes.ts';
import { inWords } from './log-tail.ts';

export interface ActionOptions {
  readonly name: string;
  /** Below it is a folder of its own: where it works, and its pid. */
  readonly dir: string;
  /** The program, as `node` takes it. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A service's program that is asked for one thing at a time, and ends when that is done. */
export class ActionProcess {
  readonly folder: string;
  readonly #options: ActionOptions;
  #child: ChildProcess | undefined;
  #isStopped = false;

  constructor(options: ActionOptions) {
    this.#options = options;
    this.folder = join(options.dir, options.name);
  }

  /** Resolves with the lines that it printed; rejects with all that it said when it does not end with 0. */
  async run(...args: string[]): Promise<readonly string[]> {
    const { name, program, env } = this.#options;
    const what = `${name} ${args.join(' ')}`;
    await mkdir(this.folder, { recursive: true });
    if (this.#isStopped) throw new Error(`${what} was not begun: the demo ends`);
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not in the terminal's process group: Ctrl-C is for the demo, which ends things in order.
      detached: true,
    });
    this.#child = child;
    const ended = once(child, 'close');
    let [printed, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      said += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    // Where the next demo looks for what a killed one left running.
    const pidFile = join(this.folder, 'pid');
    const { pid } = child;
    if (pid !== undefined) await writeFile(pidFile, `${pid} ${startTime(pid) ?? ''}`);
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    await rm(pidFile, { force: true });
    if (code !== 0) {
      const words = said.trimEnd().split('\n').map(inWords).join('\n');
      throw new Error(`${what} ended with ${signal ?? `code ${code}`}:\n${words}`);
    }
    return printed.trimEnd().split('\n');
  }

  /** Ends what runs, by force after `graceMs`; nothing is begun after that. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(force);
  }
}
