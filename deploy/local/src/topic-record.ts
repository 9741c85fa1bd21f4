import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type { KafkaMessage } from 'kafkajs-unpatched';

/** The wire format's first byte; a schema id of four bytes follows. */
const MAGIC = 0;
const HEADER_BYTES = 5;

/** Makes one line of JSON of a record. A value that the registry's schemas do not fit is shown as base64. */
export function recordDecoder(
  registry: Pick<SchemaRegistry, 'decode'>,
): (partition: number, message: KafkaMessage) => Promise<string> {
  return async (partition, message) => {
    const about = {
      partition,
      offset: message.offset,
      timestamp: new Date(Number(message.timestamp)).toISOString(),
      key: message.key?.toString() ?? null,
    };
    return JSON.stringify({ ...about, ...(await decoded(registry, message.value)) });
  };
}

async function decoded(
  registry: Pick<SchemaRegistry, 'decode'>,
  value: Buffer | null,
): Promise<Record<string, unknown>> {
  if (value === null) return { value: null };
  if (value.length < HEADER_BYTES || value[0] !== MAGIC)
    return { base64: value.toString('base64') };
  const schemaId = value.readInt32BE(1);
  try {
    return { schemaId, value: (await registry.decode(value)) as unknown };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { schemaId, base64: value.toString('base64'), error: why };
  }
}
