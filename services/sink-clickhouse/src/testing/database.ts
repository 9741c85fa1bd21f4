import type { TestContext } from 'node:test';

import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { SampleRow } from '@scoreline/landing/testing';
import { uniqueName } from '@scoreline/testing';

import { parseDsn } from '../dsn.ts';

export interface TestDatabase {
  readonly name: string;
  readonly client: ClickHouseClient;
  /** `ch_dsn` and, where the stack has one, `ch_http_url`. */
  readonly env: Readonly<Record<string, string>>;
  count(): Promise<{ rows: number; ids: number }>;
  /** Every row as the Avro record had it, by id. */
  rows(): Promise<SampleRow[]>;
}

/** A database of this test's own. */
export async function testDatabase(t: TestContext, dsn: string): Promise<TestDatabase> {
  const httpUrl = process.env['CH_HTTP_URL'];
  const { urls, username, password } = parseDsn(dsn, httpUrl ? [httpUrl] : undefined);
  const name = uniqueName('sink');
  const log = { level: ClickHouseLogLevel.OFF };
  const client = createClient({
    url: urls[0] ?? '',
    username,
    password,
    log,
    request_timeout: 60_000,
  });
  await client.command({ query: `CREATE DATABASE ${name} ENGINE = Atomic` });
  t.after(async () => {
    await client.command({ query: `DROP DATABASE ${name} SYNC` });
    await client.close();
  });
  const own = new URL(dsn);
  own.pathname = `/${name}`;
  const select = async <T>(query: string): Promise<T[]> => {
    const answer = await client.query({ query, format: 'JSONEachRow' });
    return answer.json<T>();
  };
  return {
    name,
    client,
    env: { ch_dsn: own.href, ...(httpUrl ? { ch_http_url: httpUrl } : {}) },
    async count() {
      const [found] = await select<{ rows: string; ids: string }>(
        `SELECT count() AS rows, uniqExact(id) AS ids FROM ${name}.log_scores`,
      );
      return { rows: Number(found?.rows), ids: Number(found?.ids) };
    },
    async rows() {
      const found = await select<Record<string, unknown>>(
        `SELECT toFloat64(id) AS id, server_id, monitor_id, toUnixTimestamp64Micro(ts) AS ts, dt,
           score, step, offset, rtt, leap, stratum, no_response, error, warning,
           toFloat64(from_ls_id) AS from_ls_id, toFloat64(from_ss_id) AS from_ss_id, attributes, extra
         FROM ${name}.log_scores ORDER BY id, ts`,
      );
      return found.map(({ dt: _dt, ts, ...row }) => ({ ...row, ts: Number(ts) }) as SampleRow);
    },
  };
}
