import { open } from 'node:fs/promises';

const LINES = 10;
const LINE_CHARACTERS = 500;
const BYTES = 64 * 1024;

/** The last lines of a service's log from `from` on, in words where they are pino's JSON. */
export async function logTail(file: string, from: number): Promise<string> {
  const log = await open(file);
  try {
    const { size } = await log.stat();
    const start = Math.max(from, size - BYTES);
    const { buffer, bytesRead } = await log.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    );
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-LINES);
    return lines.map((line) => `  ${inWords(line).slice(0, LINE_CHARACTERS)}`).join('\n');
  } finally {
    await log.close();
  }
}

/** A line of pino's JSON for a person; any other as it is. */
export function inWords(line: string): string {
  try {
    const { time, level, msg, err } = JSON.parse(line) as Record<string, unknown>;
    const { message, remedy } = (err ?? {}) as { message?: string; remedy?: string };
    const why = message === msg ? undefined : message;
    return [time, level, msg, why, remedy].filter((part) => typeof part === 'string').join(' ');
  } catch {
    return line;
  }
}
