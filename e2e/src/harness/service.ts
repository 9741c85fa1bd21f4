import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { freePorts } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { APPLIED, type Damage } from '../mutants/damage.ts';

const ROOT = new URL('../../../', import.meta.url);
/** Under a mutant the services are damaged, not the test: see mutants/damage.ts. */
const REGISTER = new URL('../mutants/register.js', import.meta.url).href;
/** Enough to see why a process ended. */
const OUTPUT_BYTES = 64 * 1024;
/** Of a program that does one thing; one that takes longer hangs. */
const ACTION_MS = 120_000;

export type ServiceName =
  | 'capture'
  | 'purge'
  | 'sink-bigquery'
  | 'sink-clickhouse'
  | 'sink-file'
  | 'sink-gcs'
  | 'sink-s3';

export interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Told apart in messages when one service runs more than once. */
  readonly label?: string;
  /** Its program, where it is not the service's own. */
  readonly program?: URL;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real service process, as an operator would run it; may be started again after its end. */
export class Service {
  readonly name: ServiceName;
  readonly label: string;
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #exit: Promise<Exit> | undefined;
  #output = '';
  #port = 0;

  constructor(name: ServiceName, options: ServiceOptions) {
    this.name = name;
    this.label = options.label ?? name;
    this.#options = options;
  }

  /** Everything that the process wrote since its last start, the last 64 KB of it. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.label} is not running`);
    return pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && !this.#child.signalCode;
  }

  /** @param damage of its code, in this process and no later one. */
  async start(damage?: Damage): Promise<void> {
    if (this.running) throw new Error(`${this.label} is running`);
    if (this.#port === 0) [this.#port = 0] = await freePorts(1);
    this.#output = '';
    const inherited = process.env['SCORELINE_MUTANT'];
    const damages = [inherited, damage?.name].filter((name) => name !== undefined);
    const { args, env } = this.#command(damages);
    const child = spawn(process.execPath, args, {
      env: { ...env, http_host: '127.0.0.1', http_port: String(this.#port), ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_BYTES);
      // Whoever runs the damaged test wants to see that the damage was done.
      if (inherited !== undefined && chunk.includes(`${APPLIED} ${inherited}\n`))
        process.stderr.write(`${APPLIED} ${inherited}\n`);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
    this.#exit = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** The program with these arguments, which does one thing and ends. */
  async run(
    given: readonly string[],
    timeoutMs = ACTION_MS,
  ): Promise<{ code: number; output: string; stdout: string }> {
    const inherited = process.env['SCORELINE_MUTANT'];
    const { args, env } = this.#command(inherited === undefined ? [] : [inherited]);
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [...args, ...given],
        { env: { ...env, ...this.#options.env }, timeout: timeoutMs },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : Number(error.code ?? -1);
          if (inherited !== undefined && stderr.includes(`${APPLIED} ${inherited}\n`))
            process.stderr.write(`${APPLIED} ${inherited}\n`);
          resolve({ code, output: stdout + stderr, stdout });
        },
      );
    });
  }

  /** Resolves when /readyz answers 200; rejects, with the output, when the process ends first. */
  async ready(timeoutMs = 60_000): Promise<void> {
    let reason = 'no answer';
    await until(
      async () => {
        if (!this.running)
          throw new Error(`${this.label} ended before it was ready:\n${this.#output}`);
        const answer = await this.#get('/readyz');
        reason = answer?.body ?? 'no answer';
        return answer?.status === 200;
      },
      { what: `${this.label} to be ready`, timeoutMs },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${reason}\n${this.#output}`, { cause: error });
    });
  }

  /** The part of /status under `parts`, or null while nothing answers. */
  async status(): Promise<Record<string, unknown> | null> {
    const answer = await this.#get('/status');
    if (answer?.status !== 200) return null;
    return (JSON.parse(answer.body) as { parts: Record<string, unknown> }).parts;
  }

  /**
   * Waits for a moment in which something is in progress that a kill would interrupt: capture's
   * transaction, a sink's range. By the process's own word, so it may be over when this resolves.
   */
  async busy(timeoutMs = 3_000): Promise<void> {
    await until(
      async () =>
        /"inTransaction": true|"pending": \[\s*"/.test((await this.#get('/status'))?.body ?? ''),
      { what: `${this.label} at work`, timeoutMs, everyMs: 1 },
    ).catch(() => {});
  }

  /** One sample of /metrics, the sum over its labels; null while nothing answers or tells it. */
  async metric(name: string): Promise<number | null> {
    const answer = await this.#get('/metrics');
    if (answer?.status !== 200) return null;
    const samples = answer.body
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    if (samples.length === 0) return null;
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** `kill -9`, and waits until it is gone. */
  async kill(): Promise<Exit> {
    if (this.running) this.signal('SIGKILL');
    return this.exited();
  }

  /** Stops the process as Kubernetes does. */
  async stop(): Promise<Exit> {
    if (this.running) this.signal('SIGTERM');
    return this.exited();
  }

  async exited(): Promise<Exit> {
    if (this.#exit === undefined) throw new Error(`${this.label} was never started`);
    return this.#exit;
  }

  /** What Node runs, and what the program finds around it beside its settings. */
  #command(damages: readonly string[]) {
    const own = new URL(`services/${this.name}/dist/main.js`, ROOT);
    const program = fileURLToPath(this.#options.program ?? own);
    const { PATH = '', HOME = '' } = process.env;
    return damages.length === 0
      ? { args: [program], env: { PATH, HOME } }
      : {
          args: ['--import', REGISTER, program],
          env: { PATH, HOME, SCORELINE_MUTANT: damages.join('\n') },
        };
  }

  async #get(path: string): Promise<{ status: number; body: string } | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
        signal: AbortSignal.timeout(2_000),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return null;
    }
  }
}
