import { identityAt, type ServerIdentity } from '@scoreline/database';
import { PermanentError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** For whoever waits for a lock, seconds: the site's statements go first. */
const LOCK_WAIT_S = 1;

/**
 * What statements of the purge rest on, whatever the server's defaults are. READ COMMITTED locks rows and
 * no gaps: INSERTs beside them do not wait. Whole answers, and foreign keys looked at.
 */
const SESSION = [
  `time_zone = '+00:00'`,
  `sql_mode = ''`,
  'autocommit = 1',
  'foreign_key_checks = 1',
  'sql_safe_updates = 0',
  'sql_select_limit = 18446744073709551615',
  `innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
  `lock_wait_timeout = ${LOCK_WAIT_S}`,
];

const OF_FLAVOUR = {
  // A long list of ids would be made a join.
  mariadb: ['in_predicate_conversion_threshold = 0'],
  // From about 25,000 ids on the whole table would be read, and locked, instead.
  mysql: ['range_optimizer_max_mem_size = 0'],
} as const;

const ASKED = `SELECT @@SESSION.sql_log_bin AS logged, @@SESSION.foreign_key_checks AS checked,
  @@SESSION.binlog_format AS format`;
const ASKED_OF_MYSQL = ASKED.replace(/,\s+@@SESSION.binlog_format AS format/, '');

/**
 * Prepares a session for the purge, and tells which server it is with.
 *
 * @throws PermanentError `purge-session` when what is deleted would not be in the binlog: replicas would
 * keep it, and capture not see it.
 */
export async function preparePurgeSession(connection: Connection): Promise<ServerIdentity> {
  const identity = await identityAt(connection);
  const { flavour } = identity;
  await connection.query(`SET SESSION ${[...SESSION, ...OF_FLAVOUR[flavour]].join(', ')}`);
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  await connection.query('SET SESSION TRANSACTION READ WRITE');
  const [[row]] = await connection.query<RowDataPacket[]>(
    flavour === 'mysql' ? ASKED_OF_MYSQL : ASKED,
  );
  const { logged, checked, format = 'ROW' } = row as Record<string, unknown>;
  if (Number(logged) === 1 && Number(checked) === 1 && format === 'ROW') return identity;
  throw new PermanentError(
    `a session of the purge has sql_log_bin=${String(logged)}, foreign_key_checks=${String(checked)} and binlog_format=${String(format)}, must have 1, 1 and ROW`,
    {
      code: 'purge-session',
      remedy: 'Look at init_connect and the global variables of the source: they set this.',
    },
  );
}
