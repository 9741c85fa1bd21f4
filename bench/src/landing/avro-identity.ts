import type { Bench } from '../bench.ts';
import { askClickhouse, identityIn } from '../clickhouse.ts';
import type { Identity } from '../identity.ts';

/** An Avro file's bytes as they come. */
export type AvroBytes = ReadableStream<Uint8Array>;

const TIMEOUT_MS = 120_000;

/** The ids in Avro files, as ClickHouse reads them: it shares no code with the sinks. */
export async function avroIdentity(
  bench: Bench,
  files: AsyncIterable<AvroBytes>,
): Promise<Identity> {
  const table = 'default.bench_avro';
  await askClickhouse(bench, `CREATE OR REPLACE TABLE ${table} (id Int64) ENGINE = Memory`);
  try {
    const url = new URL(bench.env['CH_HTTP_URL'] ?? '');
    url.searchParams.set('query', `INSERT INTO ${table} FORMAT Avro`);
    for await (const body of files) {
      const response = await fetch(url, {
        method: 'POST',
        body,
        duplex: 'half',
        signal: AbortSignal.any([bench.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${text.trim()}`);
    }
    return await identityIn(bench, table);
  } finally {
    await askClickhouse(bench, `DROP TABLE ${table} SYNC`);
  }
}
