import type { TestContext } from 'node:test';

/** Where the local stack says its servers are; `npm test` starts them and sets these. */
const VARIABLES = {
  kafka: 'KAFKA_BROKERS',
  registry: 'SCHEMA_REGISTRY_URL',
  mariadb: 'DATABASE_DSN',
  mysql: 'MYSQL_DSN',
  'mariadb-admin': 'ADMIN_DSN',
  'mysql-admin': 'MYSQL_ADMIN_DSN',
  clickhouse: 'CH_DSN',
  gcs: 'GCS_ENDPOINT',
  s3: 'S3_ENDPOINT',
  bigquery: 'BIGQUERY_ENDPOINT',
  questdb: 'QUESTDB_URL',
} as const;

export type ServerName = keyof typeof VARIABLES;

/**
 * The address of a real server that a test needs. At a desk without one the test is skipped;
 * under REQUIRE_SERVERS=1, as in `npm test`, its absence fails the test.
 */
export function needServer(t: TestContext, name: ServerName): string {
  const variable = VARIABLES[name];
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  if (process.env['REQUIRE_SERVERS'] === '1') {
    throw new Error(
      `this test needs ${name}, and ${variable} is not set: run it with npm test, in a file named *.${name.replace(/-admin$/, '')}.test.ts`,
    );
  }
  t.skip(`needs ${name}: start it with npm run stack -- up --all, then source .local/stack.env`);
  return '';
}
