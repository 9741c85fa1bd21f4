import avro from 'avsc';

import { readCommitted } from './committed-records.ts';
import { type Datum, rowOf } from './datum.ts';
import { readSide, type Scan, type Side } from './side.ts';

export interface TopicSideOptions {
  /** `host:port`, ... */
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
}

/** The topic as any reader of committed records sees it, by avsc with the schemas that the registry gives. */
export function readTopicSide(options: TopicSideOptions): Promise<Side> {
  const schemas = new Schemas(options.registryUrl);
  return readSide('topic', (visit) => scanTopic(options, schemas, visit));
}

function scanTopic(
  { brokers, topic }: TopicSideOptions,
  schemas: Schemas,
  visit: Parameters<Scan>[0],
): Promise<void> {
  return readCommitted({ brokers, topic }, (value, where) => {
    const id = value.readUInt32BE(1);
    const take = (type: avro.Type): void => visit(rowOf(decode(type, value, where)), where);
    const known = schemas.known(id);
    if (known === undefined) return schemas.fetch(id).then(take);
    return take(known);
  });
}

function decode(type: avro.Type, value: Buffer, where: () => string): Datum {
  if (value[0] !== 0) throw new Error(`${where()} does not begin with the registry's 0 byte`);
  try {
    return type.fromBuffer(value.subarray(5)) as Datum;
  } catch (cause) {
    throw new Error(`${where()} does not decode: ${value.toString('hex')}`, { cause });
  }
}

class Schemas {
  readonly #url: string;
  readonly #types = new Map<number, avro.Type>();

  constructor(url: string) {
    this.#url = url;
  }

  known(id: number): avro.Type | undefined {
    return this.#types.get(id);
  }

  async fetch(id: number): Promise<avro.Type> {
    const response = await fetch(`${this.#url}/schemas/ids/${id}`);
    if (!response.ok) throw new Error(`the registry has no schema ${id}: ${await response.text()}`);
    const { schema } = (await response.json()) as { schema: string };
    const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
    this.#types.set(id, type);
    return type;
  }
}
