import { avroConverter } from '../connect/avro-converter.ts';
import type { Properties } from '../connect/properties.ts';

export interface DebeziumOptions {
  readonly sql: { readonly host: string; readonly port: number };
  readonly database: string;
  readonly dir: string;
}

/** Records are called `<prefix>.<database>.<table>`. */
export const TOPIC_PREFIX = 'dbz';

/** The connector as its documentation sets it up, reading new changes of one database. */
export function connector({ sql, database, dir }: DebeziumOptions): Properties {
  return {
    name: 'dbz',
    'connector.class': 'io.debezium.connector.mariadb.MariaDbConnector',
    'tasks.max': 1,
    'database.hostname': sql.host,
    'database.port': sql.port,
    'database.user': 'root',
    'database.password': '',
    'database.server.id': 5401,
    'database.ssl.mode': 'disable',
    'topic.prefix': TOPIC_PREFIX,
    'database.include.list': database,
    'table.include.list': `${database}.log_scores,${database}.primer`,
    'snapshot.mode': 'no_data',
    'snapshot.locking.mode': 'none',
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory',
    'schema.history.internal.file.filename': `${dir}/schema-history.dat`,
    'include.schema.changes': false,
  };
}

/** What was found to make it faster: larger batches, less checking, the row without its envelope. */
export const TUNED: Properties = {
  'max.batch.size': 20_000,
  'max.queue.size': 80_000,
  'poll.interval.ms': 50,
  'provide.transaction.metadata': false,
  'tombstones.on.delete': false,
  'producer.override.linger.ms': 20,
  'producer.override.batch.size': 524_288,
  'producer.override.buffer.memory': 134_217_728,
  'producer.override.compression.type': 'lz4',
  'producer.override.acks': 1,
  'producer.override.max.in.flight.requests.per.connection': 5,
  'producer.override.enable.idempotence': false,
  transforms: 'unwrap',
  'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
  'transforms.unwrap.delete.tombstone.handling.mode': 'rewrite',
  'transforms.unwrap.add.fields': 'op,source.ts_ms,source.pos',
};

/** Avro in Confluent's wire format, through the stack's registry. */
export function avro(registryUrl: string): Properties {
  return {
    ...avroConverter('key', registryUrl),
    ...avroConverter('value', registryUrl),
    'schema.name.adjustment.mode': 'avro',
  };
}
