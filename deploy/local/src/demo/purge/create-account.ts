import { connect, parseAddress } from '../../traffic/database.ts';

const USER = 'scoreline-purge';
const PASSWORD = 'scoreline-purge';

export interface AccountOptions {
  /** Of somebody who may create users. */
  readonly adminDsn: string;
  readonly isMysql: boolean;
}

/** The user that docs/3-prerequisites.md asks for, with its grants and no more. Resolves with its DSN. */
export async function createPurgeAccount({ adminDsn, isMysql }: AccountOptions): Promise<string> {
  const { host, port, database } = parseAddress(adminDsn);
  const name = `'${USER}'@'%'`;
  const status = isMysql ? 'REPLICATION CLIENT' : 'BINLOG MONITOR';
  const connection = await connect(adminDsn);
  try {
    for (const sql of [
      `CREATE USER ${name} IDENTIFIED BY '${PASSWORD}'`,
      `GRANT SELECT ON ${database}.* TO ${name}`,
      `GRANT DELETE, TRIGGER ON ${database}.log_scores TO ${name}`,
      `GRANT PROCESS, ${status} ON *.* TO ${name}`,
      `GRANT INSERT, UPDATE, DELETE ON ${database}.log_scores_archive_status TO ${name}`,
    ]) {
      await connection.query(sql);
    }
  } finally {
    await connection.end();
  }
  return `${USER}:${PASSWORD}@tcp(${host}:${port})/${database}`;
}
