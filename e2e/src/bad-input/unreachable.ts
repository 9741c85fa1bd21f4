import type { BadInput } from './bad-input.ts';

/** A port on which nobody listens: it needs root. Not 1, which fetch refuses to ask. */
const NOWHERE = '127.0.0.1:2';

/**
 * Servers that do not answer, or not us, at the start. Later they are waited for, and a registry at the start
 * too: see the faults.
 */
export const UNREACHABLE: readonly BadInput[] = [
  {
    name: 'MySQL does not answer',
    service: 'capture',
    settings: { database_dsn: `scoreline:hunter2@tcp(${NOWHERE})/{database}` },
    exitCode: 2,
    code: 'source-unreachable',
    says: ['database_dsn', NOWHERE, 'cannot connect', 'Check host and port'],
    hides: ['hunter2'],
  },
  {
    name: 'MySQL refuses the password',
    service: 'capture',
    settings: { database_dsn: 'scoreline:hunter2@tcp({mariadb})/{database}' },
    exitCode: 2,
    code: 'source-access-denied',
    says: ['database_dsn', 'the server refuses user "scoreline"', 'Check user and password'],
    hides: ['hunter2'],
  },
  {
    name: 'MySQL has no such database',
    service: 'capture',
    settings: { database_dsn: 'scoreline:scoreline@tcp({mariadb})/nowhere' },
    exitCode: 2,
    code: 'source-no-database',
    says: ['database_dsn', '"nowhere"', 'Correct the name'],
  },
  {
    name: 'Kafka does not answer capture',
    service: 'capture',
    settings: { kafka_brokers: NOWHERE },
    exitCode: 2,
    code: 'kafka-unreachable',
    says: ['kafka_brokers', NOWHERE, 'kafka_tls', 'kafka_sasl'],
  },
  {
    name: 'what schema_registry_url names is no registry',
    service: 'capture',
    settings: { schema_registry_url: '{clickhouse}' },
    exitCode: 2,
    code: 'registry-refused',
    says: ['schema_registry_url', '{clickhouse}', 'the base of a registry'],
  },
  {
    name: 'Kafka does not answer the sink',
    service: 'sink-clickhouse',
    settings: { kafka_brokers: NOWHERE },
    exitCode: 2,
    code: 'kafka-unreachable',
    says: ['kafka_brokers', NOWHERE, 'kafka_tls', 'kafka_sasl'],
  },
  {
    name: 'ClickHouse does not answer',
    service: 'sink-clickhouse',
    settings: {
      ch_dsn: 'tcp://default:hunter2@127.0.0.1:9000/{database}',
      ch_http_url: `http://${NOWHERE}`,
    },
    exitCode: 2,
    code: 'clickhouse-unreachable',
    says: ['ch_dsn: ', NOWHERE, 'Check ch_dsn and ch_http_url'],
    hides: ['hunter2'],
  },
  {
    name: 'ClickHouse refuses the password',
    service: 'sink-clickhouse',
    settings: { ch_dsn: 'tcp://default:hunter2@127.0.0.1:9000/{database}' },
    exitCode: 2,
    // What ClickHouse says of the user default; of others it is 516.
    code: 'clickhouse-194',
    says: ['ch_dsn: ', 'default: Authentication failed', 'Check the password in ch_dsn'],
    hides: ['hunter2'],
  },
  {
    name: 'ClickHouse has no such database',
    service: 'sink-clickhouse',
    settings: { ch_dsn: 'tcp://127.0.0.1:9000/nowhere' },
    exitCode: 2,
    code: 'clickhouse-81',
    says: ['ch_dsn: ', 'Database nowhere does not exist', 'Create the database that ch_dsn names'],
  },
];
