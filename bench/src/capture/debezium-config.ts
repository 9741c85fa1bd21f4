export type Properties = Readonly<Record<string, string | number | boolean>>;

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
  const settings = (side: 'key' | 'value'): Properties => {
    const converter = `${side}.converter`;
    return {
      [converter]: 'io.apicurio.registry.utils.converter.AvroConverter',
      [`${converter}.apicurio.registry.url`]: registryUrl,
      [`${converter}.apicurio.registry.auto-register`]: true,
      [`${converter}.apicurio.registry.find-latest`]: false,
      [`${converter}.apicurio.registry.headers.enabled`]: false,
      [`${converter}.apicurio.registry.as-confluent`]: true,
    };
  };
  return { ...settings('key'), ...settings('value'), 'schema.name.adjustment.mode': 'avro' };
}

/** A Connect standalone worker whose default is JSON without schemas. */
export function worker(options: { brokers: string; dir: string; plugins: string }): Properties {
  return {
    'bootstrap.servers': options.brokers,
    listeners: 'http://127.0.0.1:0',
    'offset.storage.file.filename': `${options.dir}/offsets`,
    'offset.flush.interval.ms': 5000,
    'plugin.path': options.plugins,
    'plugin.discovery': 'hybrid_warn',
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': false,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': false,
    'connector.client.config.override.policy': 'All',
  };
}

export function formatProperties(properties: Properties): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
