import { ClickHouseError } from '@clickhouse/client';
import { ConfigError, PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

/** Codes of ClickHouse's ErrorCodes.cpp that pass by themselves: load, limits of the moment, disks, connections. */
export const PASSING: ReadonlySet<number> = new Set([
  3, // UNEXPECTED_END_OF_FILE: the request was cut off
  33, // CANNOT_READ_ALL_DATA
  74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
  75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76, // CANNOT_OPEN_FILE
  95, // CANNOT_READ_FROM_SOCKET
  107, // FILE_DOESNT_EXIST
  159, // TIMEOUT_EXCEEDED
  160, // TOO_SLOW
  173, // CANNOT_ALLOCATE_MEMORY
  198, // DNS_ERROR
  201, // QUOTA_EXCEEDED
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  203, // NO_FREE_CONNECTION
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  216, // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
  225, // NO_ZOOKEEPER
  236, // ABORTED
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  244, // UNEXPECTED_ZOOKEEPER_ERROR
  252, // TOO_MANY_PARTS
  254, // NO_ACTIVE_REPLICAS
  285, // TOO_FEW_LIVE_REPLICAS
  286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  289, // REPLICA_IS_NOT_IN_QUORUM
  319, // UNKNOWN_STATUS_OF_INSERT
  373, // SESSION_IS_LOCKED
  394, // QUERY_WAS_CANCELLED
  425, // SYSTEM_ERROR
  439, // CANNOT_SCHEDULE_TASK
  473, // DEADLOCK_AVOIDED
  499, // S3_ERROR
  722, // ASYNC_LOAD_WAIT_FAILED
  733, // TABLE_IS_BEING_RESTARTED
  735, // QUERY_WAS_CANCELLED_BY_CLIENT
  745, // SERVER_OVERLOADED
  999, // KEEPER_EXCEPTION
]);

/** A value that a column cannot hold: ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE. */
export const MISFITS: ReadonlySet<number> = new Set([69, 70, 321]);

const ACCESS_DENIED = 497;

const REMEDIES: Readonly<Record<number, string>> = {
  16: 'The table has changed under the sink: start it again, it checks the table.',
  47: 'The table has changed under the sink: start it again, it checks the table.',
  53: 'The table has changed under the sink: start it again, it checks the table.',
  60: 'The table was dropped. Bring it back; a new one is another destination.',
  81: 'Create the database that ch_dsn names.',
  192: 'Check the user in ch_dsn.',
  193: 'Check the password in ch_dsn.',
  194: 'Check the password in ch_dsn.',
  516: 'Check user and password in ch_dsn.',
};

/** ClickHouse's own number of an error; null when it was not ClickHouse that answered. */
export function serverCode(error: unknown): number | null {
  if (error instanceof ClickHouseError) return Number(error.code);
  // An exception of a library inside of the server comes as text.
  const text = error instanceof Error ? /\bCode: (\d+)/.exec(error.message)?.[1] : undefined;
  return text === undefined ? null : Number(text);
}

export function isMisfit(error: unknown): boolean {
  return MISFITS.has(serverCode(error) ?? -1);
}

/** What the settings name is not there, or refuses us: database, user, password, rights, the server itself. */
const OF_SETTINGS = new Set(['unreachable', '81', '192', '193', '194', '497', '516']);

/** An error of the start: whoever typed the settings is still there to correct them. */
export function startError(error: unknown, doing: string): ScorelineError {
  const ours = inOurTerms(error, doing);
  if (!OF_SETTINGS.has(ours.code.replace('clickhouse-', ''))) return ours;
  const { message, code, remedy, cause } = ours;
  return new ConfigError(`ch_dsn: ${message}`, { code, remedy, cause });
}

/** The same in our terms: again, or stop. */
export function inOurTerms(error: unknown, doing: string): ScorelineError {
  if (error instanceof ScorelineError) return error;
  // Advice for other products follows in further paragraphs.
  const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n\n');
  const code = serverCode(error);
  if (code === null) {
    return new RetryableError(`${doing}: no answer from ClickHouse (${said})`, {
      code: 'clickhouse-unreachable',
      remedy: isOfTls(error)
        ? 'Name the authority that signed ClickHouse’s certificate in ch_tls_ca, and the host that it is for in ch_dsn or ch_http_url.'
        : 'Check ch_dsn and ch_http_url, and ClickHouse itself.',
      cause: error,
    });
  }
  const message = `${doing}: ClickHouse says (code ${code}) ${said}`;
  if (PASSING.has(code)) {
    return new RetryableError(message, { code: `clickhouse-${code}`, cause: error });
  }
  return new PermanentError(message, {
    code: `clickhouse-${code}`,
    remedy:
      (code === ACCESS_DENIED ? grantIn(said) : REMEDIES[code]) ??
      'Look the code up in system.errors; nothing was committed.',
    cause: error,
  });
}

/** The statement that gives what ClickHouse says is lacking: `user: Not enough privileges. ... the grant X ON y.` */
function grantIn(said: string): string {
  const [, user, grant] =
    /(\S+): Not enough privileges.* to have the grant (.+?)\.?\s*(?:\(ACCESS|$)/s.exec(said) ?? [];
  // An insert that the user of before has left behind.
  const killer = /User (\S+) attempts to kill/.exec(said)?.[1];
  if (killer !== undefined) return `GRANT KILL QUERY ON *.* TO ${killer};`;
  const list = 'docs/sinks/clickhouse.md lists what sink-clickhouse needs.';
  if (user === undefined || grant === undefined) return `Grant it; ${list}`;
  return `GRANT ${grant.replace(' for at least one column on ', ' ON ').replaceAll(/\(.*?\)/g, '')} TO ${user}; ${list}`;
}

/** A certificate that is not trusted, out of date, or for another name, as Node's TLS says it. */
function isOfTls(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}
