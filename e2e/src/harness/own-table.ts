import { bulkLoad, createSchema } from '@scoreline/local';

import { parseDsn, query } from './mysql.ts';
import type { Pipeline } from './pipeline.ts';

/** A database on a server that all share, by the two who come to it. */
export interface OwnDatabase {
  /** Of the user that captures. */
  readonly dsn: string;
  readonly adminDsn: string;
}

/** The DSN, with another database. */
export function inDatabase(dsn: string, name: string): string {
  return dsn.replace(/[^/]*$/, name);
}

/** A database of that name on the pipeline's MariaDB. */
export function ownDatabase(pipeline: Pipeline, name: string): OwnDatabase {
  return {
    dsn: inDatabase(pipeline.need('DATABASE_DSN'), name),
    adminDsn: inDatabase(pipeline.need('ADMIN_DSN'), name),
  };
}

/** Makes a database with the tables of the source, and `held` rows in the one that is captured. */
export async function ownTable({ dsn, adminDsn }: OwnDatabase, held: number): Promise<void> {
  await createSchema(adminDsn);
  const { user, database } = parseDsn(dsn);
  await query(adminDsn, `GRANT SELECT ON ${database}.* TO '${user}'@'%'`);
  if (held > 0) await bulkLoad(adminDsn, { rows: held, relaxed: true });
}
