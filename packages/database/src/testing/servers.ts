import type { TestContext } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { sessionConnection } from '../connection.ts';
import { parseDsn } from '../dsn.ts';
import type { Source } from '../source.ts';

export type SqlServerName = 'mariadb' | 'mysql';

/** A source from a DSN of the local stack. */
export function sourceFrom(dsn: string, changes: Partial<Source> = {}): Source {
  return {
    ...parseDsn(dsn),
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
    origin: 'database_dsn',
    ...changes,
  };
}

/** A database of a test's own, and an administrator in it. */
export interface OwnDatabase {
  readonly admin: Connection;
  readonly source: Source;
  /** Runs when the test is over, the latest first. */
  readonly cleanUp: (work: () => Promise<unknown>) => void;
}

/** Null when the server is not there. */
export async function ownDatabase(
  t: TestContext,
  server: SqlServerName,
): Promise<OwnDatabase | null> {
  const dsn = needServer(t, `${server}-admin`);
  if (dsn === '') return null;
  const admin = await sessionConnection(sourceFrom(dsn), { stage: 'start' });
  const database = uniqueName('db');
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.query(`USE ${database}`);
  const works: (() => Promise<unknown>)[] = [
    () => admin.end(),
    () => admin.query(`DROP DATABASE ${database}`),
  ];
  t.after(async () => {
    for (const work of works.toReversed()) await work();
  });
  return {
    admin,
    source: sourceFrom(dsn, { database }),
    cleanUp: (work) => void works.push(work),
  };
}

/** A user of the test's own, who may do what is granted and nothing else. */
export async function ownUser(
  { admin, source, cleanUp }: OwnDatabase,
  grants: readonly string[],
): Promise<Source> {
  const user = uniqueName('u');
  const password = 'pass word:/@?"\\';
  await admin.query(`CREATE USER ${user}@'%' IDENTIFIED BY ?`, [password]);
  cleanUp(() => admin.query(`DROP USER ${user}@'%'`));
  for (const grant of grants) await admin.query(`GRANT ${grant} TO ${user}@'%'`);
  return { ...source, user, password };
}

export async function one(connection: Connection, sql: string): Promise<Record<string, unknown>> {
  const [[row]] = await connection.query<RowDataPacket[]>(sql);
  return { ...row };
}
