import type { Bench } from './bench.ts';
import type { Identity } from './identity.ts';

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

/** The ids in what stands after FROM. */
export async function identityIn(bench: Bench, from: string): Promise<Identity> {
  const answer = await askClickhouse(
    bench,
    `SELECT count(), uniqExact(id), sum(id) FROM ${from} FORMAT TSV`,
  );
  const [count = 0, distinct = 0, sum = 0] = answer.split('\t').map(Number);
  return { count, distinct, sum };
}
