import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { until } from '@scoreline/testing';

export const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly url?: string;
  readonly err?: { readonly code?: string; readonly message: string; readonly remedy?: string };
}

/** The service as an operator runs it: a process. */
export class CaptureProcess {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #errors = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exit = once(child, 'close').then(([code]) => code as number | null);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as LogLine);
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  static start(t: TestContext, env: Readonly<Record<string, string>>): CaptureProcess {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        http_host: '127.0.0.1',
        http_port: '0',
        secrets_path: '/nonexistent',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new CaptureProcess(child);
    t.after(() => started.kill());
    return started;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What ended it. */
  get failure(): LogLine['err'] {
    return this.lines.findLast(({ level }) => level === 'fatal')?.err;
  }

  /** Everything that it said, for a message. */
  get said(): string {
    return [
      ...this.lines.map(({ level, msg, err }) => `${level} ${msg} ${err?.message ?? ''}`),
      this.#errors,
    ].join('\n');
  }

  async ready(): Promise<this> {
    await until(
      async () => {
        if (!this.isRunning) throw new Error(`capture ended before it was ready:\n${this.said}`);
        return (await this.get('/readyz')).status === 200;
      },
      { what: 'capture to be ready' },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.said}`, { cause: error });
    });
    return this;
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const url = this.lines.find((line) => line.msg === 'http listening')?.url;
    if (url === undefined) return { status: 0, body: '' };
    try {
      const answer = await fetch(url + path, { signal: AbortSignal.timeout(2_000) });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return { status: 0, body: '' };
    }
  }

  async status(): Promise<Record<string, unknown>> {
    const { body } = await this.get('/status');
    return (JSON.parse(body) as { parts: { capture: Record<string, unknown> } }).parts.capture;
  }

  async metric(name: string): Promise<number> {
    const { body } = await this.get('/metrics');
    return body
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.isRunning) this.signal('SIGKILL');
    await this.#exit;
  }

  async stop(): Promise<number | null> {
    if (this.isRunning) this.signal('SIGTERM');
    return this.#exit;
  }

  exited(): Promise<number | null> {
    return this.#exit;
  }
}
