import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';
import avro from 'avsc';
import type { RowDataPacket } from 'mysql2/promise';

import { connect } from '../../traffic/database.ts';
import { createSchema, startTraffic } from '../../traffic/index.ts';
import { askClickhouse } from '../clickhouse-http.ts';
import { typedAttributes } from '../compare/typed-attributes.ts';
import { plainKafka } from '../kafka.ts';

/** A record as docs and registry describe it, put together here without the code that the pipeline uses. */
const SCHEMA: avro.Schema = {
  type: 'record',
  name: 'LogScore',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'server_id', type: 'long' },
    { name: 'monitor_id', type: ['null', 'long'] },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'score', type: 'double' },
    { name: 'step', type: 'double' },
    { name: 'offset', type: ['null', 'double'] },
    { name: 'rtt', type: ['null', 'int'] },
    { name: 'leap', type: ['null', 'int'] },
    { name: 'stratum', type: ['null', 'int'] },
    { name: 'no_response', type: ['null', 'boolean'] },
    { name: 'error', type: ['null', 'string'] },
    { name: 'warning', type: ['null', 'string'] },
    { name: 'from_ls_id', type: ['null', 'long'] },
    { name: 'from_ss_id', type: ['null', 'long'] },
    { name: 'attributes', type: ['null', 'string'] },
    { name: 'extra', type: { type: 'map', values: 'string' } },
  ],
};
const TYPE = avro.Type.forSchema(SCHEMA);

export interface Copies {
  readonly dsn: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly clickhouseUrl: string;
  readonly database: string;
}

/** So many rows of traffic in MariaDB, and the same in a topic and a ClickHouse table. */
export async function makeCopies(t: TestContext, rows: number): Promise<Copies | null> {
  const needed = ['mariadb', 'kafka', 'registry', 'clickhouse'] as const;
  if (needed.some((name) => needServer(t, name) === '')) return null;
  const env = (name: string): string => process.env[name] ?? '';
  const database = uniqueName('copies');
  const copies: Copies = {
    dsn: env('ADMIN_DSN').replace(/\/\w+$/, `/${database}`),
    brokers: env('KAFKA_BROKERS').split(','),
    registryUrl: env('SCHEMA_REGISTRY_URL'),
    topic: uniqueName('copies'),
    clickhouseUrl: env('CH_HTTP_URL'),
    database,
  };
  await createSchema(copies.dsn);
  const connection = await connect(copies.dsn);
  t.after(async () => {
    await connection.query(`DROP DATABASE ${database}`);
    await connection.end();
  });
  await startTraffic(copies.dsn, { rate: 0, seed: 6, rows }).done;
  const [found] = await connection.execute<RowDataPacket[]>(
    `SELECT id, server_id, monitor_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ts) AS ts, score, step, \`offset\`, rtt, attributes FROM log_scores`,
  );
  const datums = found.map((row) => ({ ...row, ...fields(row['attributes'] as string | null) }));
  await toTopic(t, copies, datums);
  await toClickhouse(t, copies, datums);
  return copies;
}

/** Every text is kept, also where the typed fields would do: readers must take it either way. */
function fields(attributes: string | null): object {
  const { noResponse, fromLsId, fromSsId, ...same } = typedAttributes(attributes);
  return {
    ...same,
    no_response: noResponse,
    from_ls_id: fromLsId,
    from_ss_id: fromSsId,
    attributes,
    extra: {},
  };
}

/** Half of the rows in a transaction that commits, one in between in a transaction that does not. */
async function toTopic(t: TestContext, copies: Copies, datums: readonly object[]): Promise<void> {
  const { brokers, registryUrl, topic } = copies;
  const response = await fetch(`${registryUrl}/subjects/${topic}-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(SCHEMA) }),
  });
  assert.ok(response.ok, await response.clone().text());
  const { id } = (await response.json()) as { id: number };
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  const kafka = plainKafka('copies', brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] });
  const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 });
  await producer.connect();
  t.after(async () => {
    await producer.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  const half = Math.ceil(datums.length / 2);
  const parts = [datums.slice(0, half), datums.slice(0, 1), datums.slice(half)];
  for (const [index, part] of parts.entries()) {
    const transaction = await producer.transaction();
    const messages = part.map((datum) => {
      const { server_id: server } = datum as { server_id: number };
      const value = Buffer.concat([header, TYPE.toBuffer(datum)]);
      return { key: String(server), partition: server % 3, value };
    });
    await transaction.send({ topic, messages });
    await (index === 1 ? transaction.abort() : transaction.commit());
  }
}

async function toClickhouse(
  t: TestContext,
  copies: Copies,
  datums: readonly object[],
): Promise<void> {
  const { clickhouseUrl: url, database } = copies;
  const ask = (sql: string): Promise<Response> => askClickhouse({ url }, sql);
  await ask(`CREATE DATABASE ${database} ENGINE = Atomic`);
  t.after(() => ask(`DROP DATABASE ${database} SYNC`));
  await ask(`CREATE TABLE ${database}.log_scores (
    dt Date DEFAULT toDate(ts), id UInt64, monitor_id Nullable(UInt32), server_id UInt32,
    ts DateTime64(6, 'UTC'), score Float64, step Float64, offset Nullable(Float64),
    rtt Nullable(Int32), leap Nullable(UInt8), stratum Nullable(UInt8), no_response Nullable(Bool),
    warning Nullable(String), error Nullable(String), from_ls_id Nullable(UInt64),
    from_ss_id Nullable(UInt64), attributes Nullable(String), extra Map(String, String)
  ) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)
  SETTINGS non_replicated_deduplication_window = 1000`);
  const encoder = new avro.streams.BlockEncoder(SCHEMA);
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const datum of datums) encoder.write(datum);
  encoder.end();
  await once(encoder, 'end');
  const query = new URLSearchParams({
    query: `INSERT INTO ${database}.log_scores FORMAT Avro`,
    // The column dt comes from ts.
    input_format_avro_allow_missing_fields: '1',
  });
  const body = Buffer.concat(chunks);
  const response = await fetch(`${url}/?${query.toString()}`, { method: 'POST', body });
  assert.ok(response.ok, await response.text());
}
