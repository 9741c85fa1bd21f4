import type { Bench } from './bench.ts';

const TIMEOUT_MS = 60_000;

/** One statement over HTTP; resolves with its answer as text. */
export async function askClickhouse({ env }: Bench, query: string): Promise<string> {
  const response = await fetch(env['CH_HTTP_URL'] ?? '', {
    method: 'POST',
    body: query,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${text.trim()}`);
  return text.trim();
}
