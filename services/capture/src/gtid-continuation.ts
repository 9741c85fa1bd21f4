import { binlogFiles, currentPosition, isWithin, mariadbGtids } from '@scoreline/database';
import type { Checkpoint, SourceIdentity } from '@scoreline/ledger';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { MariadbCapturedGroups, MysqlCapturedGroups } from './captured-groups.ts';
import { Overlap } from './overlap.ts';

/** Whether a server's binlog goes on where another's was left, as their GTIDs say. */
export type Continuation =
  /** From the beginning of this file on it holds all that was not captured, and some that was. */
  | { readonly kind: 'here'; readonly file: string; readonly overlap: Overlap }
  /** The server has all that was captured, and its binlog does not reach back so far. */
  | { readonly kind: 'gone'; readonly why: string }
  /** It lacks some of what was captured, or has nothing of it. */
  | { readonly kind: 'lacking'; readonly missing: string; readonly isApart: boolean };

const TOO_YOUNG = 'its oldest binlog file begins behind the checkpoint';

/** Asks the server at the other end what it has of the GTIDs that were captured. */
export function continuation(
  connection: Connection,
  flavour: SourceIdentity['flavour'],
  captured: string,
): Promise<Continuation> {
  return flavour === 'mysql'
    ? mysqlContinuation(connection, captured)
    : mariadbContinuation(connection, captured);
}

/** Whether a server has all that was captured. That it is a copy, too, is seen when capture goes on there. */
export async function hasAll(
  connection: Connection,
  { flavour }: SourceIdentity,
  { source, gtidSet }: Checkpoint,
): Promise<boolean> {
  if (gtidSet === '' || source.flavour !== flavour) return false;
  return (await continuation(connection, flavour, gtidSet)).kind !== 'lacking';
}

async function mysqlContinuation(connection: Connection, captured: string): Promise<Continuation> {
  const [missing, common, unseen, purged] = await ask(
    connection,
    `SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed),
       GTID_SUBTRACT(?, GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)),
       GTID_SUBTRACT(@@GLOBAL.gtid_purged, ?), @@GLOBAL.gtid_purged`,
    [captured, captured, captured, captured],
  );
  if (missing !== '') return { kind: 'lacking', missing: missing!, isApart: common === '' };
  if (unseen !== '') return { kind: 'gone', why: `${unseen} was purged, and not captured` };
  const until = await currentPosition(connection, 'mysql');
  for (const { name: file } of (await binlogFiles(connection)).toReversed()) {
    const before = await gtidsBefore(connection, file, 'Previous_gtids');
    if (before === null) continue;
    const [ahead, here] = await ask(connection, 'SELECT GTID_SUBTRACT(?, ?), GTID_SUBTRACT(?, ?)', [
      before,
      captured,
      captured,
      [before, purged].filter(Boolean).join(','),
    ]);
    if (ahead !== '') continue;
    const groups = new MysqlCapturedGroups(captured, here!);
    return { kind: 'here', file, overlap: new Overlap(groups, until) };
  }
  return { kind: 'gone', why: TOO_YOUNG };
}

async function mariadbContinuation(
  connection: Connection,
  captured: string,
): Promise<Continuation> {
  const wanted = mariadbGtids(captured);
  const positions = await ask(
    connection,
    'SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_current_pos',
    [],
  );
  const [logged, applied] = positions.map(mariadbGtids) as [typeof wanted, typeof wanted];
  const unlogged = [...wanted.values()].filter((gtid) => !isWithin(gtid, logged));
  const missing = unlogged.filter((gtid) => !isWithin(gtid, applied));
  if (missing.length > 0) {
    const isApart = [...wanted.keys()].every(
      (domain) => !logged.has(domain) && !applied.has(domain),
    );
    return { kind: 'lacking', missing: missing.map(({ text }) => text).join(','), isApart };
  }
  if (unlogged.length > 0) {
    return { kind: 'gone', why: `${unlogged[0]!.text} was applied, and is not in its binlog` };
  }
  const until = await currentPosition(connection, 'mariadb');
  for (const { name: file } of (await binlogFiles(connection)).toReversed()) {
    const listed = await gtidsBefore(connection, file, 'Gtid_list');
    if (listed === null) continue;
    const before = mariadbGtids(listed);
    if (![...before.values()].every((gtid) => isWithin(gtid, wanted))) continue;
    const groups = new MariadbCapturedGroups(wanted, before);
    return { kind: 'here', file, overlap: new Overlap(groups, until) };
  }
  return { kind: 'gone', why: TOO_YOUNG };
}

/** What was executed before a binlog file began, as its first events say; null when they do not. */
async function gtidsBefore(
  connection: Connection,
  file: string,
  event: string,
): Promise<string | null> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW BINLOG EVENTS IN ? LIMIT 4', [file]);
  const found = rows.find((row) => row['Event_type'] === event);
  return found === undefined ? null : String(found['Info']).replaceAll(/\s/g, '');
}

async function ask(connection: Connection, sql: string, values: string[]): Promise<string[]> {
  const [[row]] = await connection.query<RowDataPacket[][]>({ sql, values, rowsAsArray: true });
  return (row as unknown as string[]).map((value) => value.replaceAll(/\s/g, ''));
}
