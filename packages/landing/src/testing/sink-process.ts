import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

/** A sink's service as it is deployed: a process of its own. */
export interface SinkProcess {
  readonly output: () => string;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Sends it, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  isRunning(): boolean;
}

/** @param main the service's program, `main.js` */
export function sinkProcess(
  t: TestContext,
  main: string,
  env: Readonly<Record<string, string>>,
): SinkProcess {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], http_host: '127.0.0.1', http_port: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  t.after(() => kill('SIGKILL'));
  return {
    output: () => output,
    exited,
    kill,
    signal: (signal) => void child.kill(signal),
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}
