import { ConfigError, RetryableError, type ScorelineError } from '@scoreline/service';

import { sourceLabel, type Source } from './source.ts';

export type ConnectStage = 'start' | 'running';

interface Refusal {
  readonly code: string;
  readonly says: (source: Source, message: string) => string;
  readonly remedy: string;
}

const ACCESS_DENIED: Refusal = {
  code: 'source-access-denied',
  says: ({ user, password }) =>
    `the server refuses user ${JSON.stringify(user)} ${password === '' ? 'without a password' : 'with the given password'}`,
  remedy: 'Check user and password, and that the user may connect from this host.',
};

const DATABASE: Refusal = {
  code: 'source-no-database',
  says: ({ user, database }) =>
    `there is no database ${JSON.stringify(database)}, or ${JSON.stringify(user)} may not see it`,
  remedy: 'Correct the name after the slash, or grant SELECT on its table.',
};

const NO_TLS: Refusal = {
  code: 'source-no-tls',
  says: ({ tls }) => `the server does not offer TLS, and the DSN says tls=${tls}`,
  remedy: 'Turn TLS on in the server, or say tls=false where the network is trusted.',
};

const NEEDS_TLS: Refusal = {
  code: 'source-needs-tls',
  says: ({ tls }) => `the server takes encrypted connections only, and the DSN says tls=${tls}`,
  remedy:
    'Add tls=true to the DSN, and name the authority in database_tls_ca where it is not a public one.',
};

const CERTIFICATE: Refusal = {
  code: 'source-certificate',
  says: ({ host }, message) => `the certificate of ${host} is not trusted: ${message}`,
  remedy: 'Name the authority that signed it in database_tls_ca, or say tls=skip-verify.',
};

const CERTIFICATE_NAME: Refusal = {
  code: 'source-certificate',
  says: ({ host }, message) => `the certificate of ${host} is not for this name: ${message}`,
  remedy: 'Put a name that the certificate is for into the DSN, or say tls=skip-verify.',
};

const HOST_BLOCKED: Refusal = {
  code: 'source-host-refused',
  says: () => 'the server does not accept connections from this host',
  remedy:
    "Create the user for this host ('scoreline'@'%'), or run FLUSH HOSTS where it was blocked.",
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ER_ACCESS_DENIED_ERROR: ACCESS_DENIED,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: ACCESS_DENIED,
  ER_ACCOUNT_HAS_BEEN_LOCKED: ACCESS_DENIED,
  ER_MUST_CHANGE_PASSWORD_LOGIN: ACCESS_DENIED,
  ER_BAD_DB_ERROR: DATABASE,
  ER_DBACCESS_DENIED_ERROR: DATABASE,
  ER_HOST_NOT_PRIVILEGED: HOST_BLOCKED,
  ER_HOST_IS_BLOCKED: HOST_BLOCKED,
  HANDSHAKE_NO_SSL_SUPPORT: NO_TLS,
  ER_SECURE_TRANSPORT_REQUIRED: NEEDS_TLS,
};

function certificateRefusal(message: string): Refusal | undefined {
  if (/altname/i.test(message)) return CERTIFICATE_NAME;
  return /certificate/i.test(message) ? CERTIFICATE : undefined;
}

/** Why a connection could not be made, naming database_dsn and never the password. */
export function connectError(cause: unknown, source: Source, stage: ConnectStage): ScorelineError {
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
  const where = source.origin === 'database_dsn' ? '' : ` in ${source.origin}`;
  const setting = `database_dsn${where} (${sourceLabel(source)})`;
  // The driver puts its own code over that of TLS, and leaves the message.
  const refusal = certificateRefusal(message) ?? REFUSALS[code];
  if (refusal) {
    return new ConfigError(`${setting}: ${refusal.says(source, message)}`, { ...refusal, cause });
  }
  const Kind = stage === 'start' ? ConfigError : RetryableError;
  return new Kind(`${setting}: cannot connect: ${message || code}`, {
    code: 'source-unreachable',
    remedy: 'Check host and port, that the server runs, and that the network lets us through.',
    cause,
  });
}

/** Whether the server lets us in no more: it answers, and means user, password, address or encryption. */
export function isRefusal(error: ScorelineError): boolean {
  return REFUSED.has(error.code);
}

const REFUSED = new Set([...Object.values(REFUSALS), CERTIFICATE].map((refusal) => refusal.code));

/** Errors of statements and lost connections that pass by themselves: for `retry`'s `classify`. */
export function isTransient(error: unknown): boolean {
  const { code = '', fatal } = (error ?? {}) as { code?: string; fatal?: boolean };
  return fatal === true ? REFUSALS[code] === undefined : TRANSIENT.has(code);
}

const TRANSIENT = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
]);
