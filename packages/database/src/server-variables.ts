import type { Problem } from './preflight.ts';
import type { ServerFacts } from './server-facts.ts';

interface Requirement {
  readonly name: string;
  readonly wanted: string;
  readonly accepts: (value: string) => boolean;
  readonly severity?: Problem['severity'];
  /** On some servers the variable does not exist, because its wanted value is the only one. */
  readonly mayBeAbsent?: boolean;
  /** Cannot be set while the server runs. */
  readonly needsRestart?: boolean;
  readonly why: string;
}

const is =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value.toUpperCase());

/** Variables that decide whether a binlog holds every committed row, whole, and for long enough. */
const REQUIREMENTS: readonly Requirement[] = [
  {
    name: 'log_bin',
    wanted: 'ON',
    accepts: is('ON', '1'),
    needsRestart: true,
    why: 'without a binlog there is nothing to capture',
  },
  {
    name: 'server_id',
    wanted: '1',
    accepts: (value) => Number(value) > 0,
    why: 'a server without an id serves no binlog',
  },
  {
    name: 'binlog_format',
    wanted: 'ROW',
    accepts: is('ROW'),
    mayBeAbsent: true,
    why: 'other formats hold statements instead of rows',
  },
  {
    name: 'binlog_row_image',
    wanted: 'FULL',
    accepts: is('FULL'),
    why: 'other images leave columns out',
  },
  {
    name: 'binlog_row_metadata',
    wanted: 'FULL',
    accepts: is('FULL'),
    why: 'the names of columns are needed to see a changed table',
  },
  {
    name: 'binlog_checksum',
    wanted: 'CRC32',
    accepts: is('CRC32'),
    why: 'every event is checked, and the position is proved by its checksum',
  },
  {
    name: 'binlog_row_value_options',
    wanted: '',
    accepts: is(''),
    mayBeAbsent: true,
    why: 'partial JSON is not a whole row',
  },
  {
    name: 'sync_binlog',
    wanted: '1',
    accepts: is('1'),
    severity: 'warning',
    why: 'after a crash this server can go back behind what was captured',
  },
  {
    name: 'innodb_flush_log_at_trx_commit',
    wanted: '1',
    accepts: is('1'),
    severity: 'warning',
    why: 'after a crash this server can go back behind what was captured',
  },
  {
    name: 'binlog_expire_logs_seconds',
    wanted: '604800',
    accepts: (value) => Number(value) === 0 || Number(value) >= 86_400,
    severity: 'warning',
    mayBeAbsent: true,
    why: 'an outage of capture for longer than this leaves a gap',
  },
];

export function variableProblems(server: ServerFacts): Problem[] {
  return REQUIREMENTS.flatMap((requirement): Problem[] => {
    const seen = server.variables.get(requirement.name);
    if (seen === undefined ? requirement.mayBeAbsent : requirement.accepts(seen)) return [];
    const { name, wanted, why, severity = 'error' } = requirement;
    const needed = severity === 'error' ? 'must be' : 'should be';
    const now = seen === undefined ? 'unknown to this server' : seen === '' ? 'empty' : seen;
    const message = `${name} is ${now}, ${needed} ${wanted === '' ? 'empty' : wanted}: ${why}`;
    return [{ severity, subject: name, message, remedy: remedy(server, requirement) }];
  });
}

function remedy({ flavor }: ServerFacts, { name, wanted, needsRestart }: Requirement): string {
  if (needsRestart)
    return `[mysqld]\n${name} = ${wanted === 'ON' ? 'binlog' : wanted}\n# then restart the server`;
  const value = /^\d+$/.test(wanted) ? wanted : `'${wanted}'`;
  if (flavor === 'mysql')
    return `SET PERSIST ${name} = ${value}; -- then let applications reconnect`;
  return `SET GLOBAL ${name} = ${value}; -- then let applications reconnect; also under [mysqld]: ${name} = ${wanted}`;
}
