import { isIP } from 'node:net';

import { parseDuration } from '@scoreline/service';

/** How the connection is encrypted: `true` checks the certificate and its name, `preferred` takes what there is. */
export type TlsMode = 'false' | 'true' | 'skip-verify' | 'preferred';

/** Where the database is and who we are there, as the archiver's DSN says it. */
export interface Dsn {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string;
  readonly database: string;
  readonly tls: TlsMode;
  readonly connectTimeoutMs: number;
  /** Parameters that concern only the Go driver: accepted, without effect. */
  readonly ignored: readonly string[];
}

/** What is wrong with a DSN, in words that do not show its password. */
export class DsnError extends Error {}

export const DSN_FORM = 'user:password@tcp(host:3306)/database';

/**
 * Reads `[user[:password]@][tcp|unix[(address)]]/database[?parameter=value&...]`, the form of Go's
 * MySQL driver: the last slash ends the address, the last @ before it the password.
 *
 * @throws DsnError for anything else, and for a parameter that is not known here.
 */
export function parseDsn(text: string): Dsn {
  if (/^(?:mysql|mariadb):\/\//i.test(text)) throw new DsnError(`expected ${DSN_FORM}, got a URL`);
  const slash = text.lastIndexOf('/');
  // With an @ behind it, the slash is one of the password's.
  if (slash < 0 || /^[^=]*@/.test(text.slice(slash))) {
    throw new DsnError(`expected ${DSN_FORM}; there is no / before the database`);
  }
  const at = text.lastIndexOf('@', slash);
  const [user, password] = splitAt(text.slice(0, Math.max(at, 0)), ':');
  const [name, query] = splitAt(text.slice(slash + 1), '?');
  return {
    user,
    password,
    ...parseAddress(text.slice(at + 1, slash), at >= 0),
    database: decode(name),
    ...parseParameters(query),
  };
}

/** The same with `***` for the password; of what is no DSN, everything before the last @ is hidden. */
export function redactDsn(text: string): string {
  const at = text.lastIndexOf('@');
  if (at < 0) return text;
  const colon = text.indexOf(':');
  const isGoForm = colon >= 0 && colon < at && !text.slice(0, at).includes('://');
  return `${isGoForm ? `${text.slice(0, colon)}:` : ''}***${text.slice(at)}`;
}

type Address = Pick<Dsn, 'host' | 'port'> & { socketPath?: string };

/** `isOnly`: nothing of user and password is in it, so that it may be shown. */
function parseAddress(text: string, isOnly: boolean): Address {
  const [, protocol = '', address] = /^([^()]*)(?:\((.*)\))?$/.exec(text) ?? [];
  if (protocol === 'unix')
    return { host: 'localhost', port: 3306, socketPath: address || '/tmp/mysql.sock' };
  if (protocol !== 'tcp' && !(protocol === '' && address === undefined)) {
    const seen = isOnly ? `, got ${JSON.stringify(text)} where tcp(host:3306) should be` : '';
    throw new DsnError(`expected ${DSN_FORM}${seen}`);
  }
  const [, ipv6, name = '', port] =
    /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(address || '127.0.0.1') ?? [];
  const host = ipv6 ?? name;
  const number = Number(port ?? 3306);
  if (host === '' || number < 1 || number > 65_535 || (ipv6 !== undefined && !isIP(ipv6))) {
    throw new DsnError(
      `expected host:port, or [IPv6]:port, in the brackets, got ${JSON.stringify(address)}`,
    );
  }
  return { host, port: number };
}

/** Parameters of the Go driver that change nothing here. */
const WITHOUT_EFFECT = new Set([
  'allowFallbackToPlaintext',
  'allowNativePasswords',
  'charset',
  'checkConnLiveness',
  'clientFoundRows',
  'collation',
  'columnsWithAlias',
  'compress',
  'connectionAttributes',
  'interpolateParams',
  'loc',
  'maxAllowedPacket',
  'multiStatements',
  'parseTime',
  'readTimeout',
  'rejectReadOnly',
  'timeTruncate',
  'writeTimeout',
]);

function parseParameters(query: string): Pick<Dsn, 'tls' | 'connectTimeoutMs' | 'ignored'> {
  let tls: TlsMode = 'false';
  let connectTimeoutMs = 10_000;
  const ignored: string[] = [];
  for (const [name, value] of query
    .split('&')
    .filter(Boolean)
    .map((pair) => splitAt(pair, '='))) {
    if (name === 'tls') tls = tlsMode(decode(value));
    else if (name === 'timeout') connectTimeoutMs = timeout(decode(value));
    else if (WITHOUT_EFFECT.has(name)) ignored.push(name);
    else if (name === 'time_zone') {
      throw new DsnError('the parameter time_zone is not taken; set source_time_zone instead');
    } else {
      throw new DsnError(
        `unknown parameter ${JSON.stringify(name)}; tls and timeout have an effect here`,
      );
    }
  }
  return { tls, connectTimeoutMs, ignored };
}

function tlsMode(value: string): TlsMode {
  switch (value.toLowerCase()) {
    case 'false':
    case '0':
      return 'false';
    case 'true':
    case '1':
      return 'true';
    case 'skip-verify':
      return 'skip-verify';
    case 'preferred':
      return 'preferred';
    default:
      throw new DsnError(
        `the parameter tls is ${JSON.stringify(value)}; it takes true, false, skip-verify or preferred, and database_tls_ca names the certificate authority`,
      );
  }
}

function timeout(value: string): number {
  const ms = parseDuration(value);
  if (ms === null || ms <= 0)
    throw new DsnError(
      `the parameter timeout is ${JSON.stringify(value)}, not a duration such as 10s`,
    );
  return ms;
}

function splitAt(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DsnError(`${JSON.stringify(text)} is not URL-encoded correctly`);
  }
}
