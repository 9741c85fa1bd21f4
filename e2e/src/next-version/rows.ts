import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { until } from '@scoreline/testing';
import avsc from 'avsc';
import type { Kafka } from 'kafkajs';
import { createConnection } from 'mysql2/promise';

import { parseDsn } from '../harness/mysql.ts';

/** Rows of one side as text, with the added column; an id that is there twice is an error by itself. */
export type Rows = ReadonlyMap<number, string>;

type Values = Readonly<Record<string, unknown>>;

const FIELDS = [
  'server_id',
  'monitor_id',
  'ts',
  'score',
  'step',
  'offset',
  'rtt',
  'leap',
  'jitter',
];

export class SideRows {
  readonly rows = new Map<number, string>();
  readonly #side: string;

  constructor(side: string) {
    this.#side = side;
  }

  add(values: Values): void {
    const id = Number(values['id']);
    if (this.rows.has(id)) throw new Error(`${this.#side} has id ${id} twice`);
    this.rows.set(id, JSON.stringify(FIELDS.map((name) => values[name] ?? null)));
  }
}

export async function mysqlRows(dsn: string): Promise<Rows> {
  const side = new SideRows('MySQL');
  const connection = await createConnection(parseDsn(dsn));
  try {
    // Prepared: doubles come as the server holds them.
    const [rows] = await connection.execute(
      `SELECT id, server_id, monitor_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ts) AS ts, score,
         step, \`offset\`, rtt, attributes, jitter FROM log_scores`,
    );
    for (const row of rows as Values[]) {
      const { leap } = JSON.parse((row['attributes'] as string | null) ?? '{}') as {
        leap?: number;
      };
      side.add({ ...row, leap });
    }
  } finally {
    await connection.end();
  }
  return side.rows;
}

export async function clickhouseRows(url: string): Promise<Rows> {
  const side = new SideRows('ClickHouse');
  const response = await fetch(url, {
    method: 'POST',
    body: `SELECT id, server_id, monitor_id, toUnixTimestamp64Micro(ts) AS ts, score, step, offset, rtt, leap,
      jitter FROM ntp.log_scores FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0`,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  for (const line of text.split('\n')) if (line !== '') side.add(JSON.parse(line) as Values);
  return side.rows;
}

/** Every Avro file below a folder, by the schema that it carries. */
export async function fileRows(folder: string): Promise<Rows> {
  const side = new SideRows('files');
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.avro') || name.startsWith('.')) continue;
    for await (const row of avsc.createFileDecoder(path.join(folder, name)))
      side.add(row as Values);
  }
  return side.rows;
}

/** So many rows of some topics, by the schemas that the registry has. */
export async function topicRows(
  kafka: Kafka,
  topics: readonly string[],
  { rows, registry }: { readonly rows: number; readonly registry: string },
): Promise<Rows> {
  const side = new SideRows('the topics');
  const types = new Map<number, Promise<avsc.Type>>();
  const consumer = kafka.consumer({ groupId: `rows-${process.pid}-${Date.now()}` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    let failed: unknown;
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message: { value } }) => {
        const id = value!.readUInt32BE(1);
        const type = types.get(id) ?? typeOf(registry, id);
        types.set(id, type);
        try {
          side.add((await type).fromBuffer(value!.subarray(5)) as Values);
        } catch (error) {
          failed = error;
        }
      },
    });
    await until(() => failed !== undefined || side.rows.size >= rows, {
      what: `${rows} rows in ${topics.join(' and ')}`,
      timeoutMs: 60_000,
    });
    if (failed !== undefined) throw failed as Error;
  } finally {
    await consumer.disconnect();
  }
  return side.rows;
}

async function typeOf(registry: string, id: number): Promise<avsc.Type> {
  const response = await fetch(`${registry}/schemas/ids/${id}`);
  const { schema } = (await response.json()) as { schema: string };
  return avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema);
}
