import { ConfigError } from '@scoreline/service';

/** How ClickHouse is reached, by HTTP. */
export interface Endpoint {
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

/** The native protocol's usual ports, and where the same server usually speaks HTTP. */
const HTTP_PORTS: Readonly<Record<string, { readonly port: number; readonly secure: boolean }>> = {
  '9000': { port: 8123, secure: false },
  '9440': { port: 8443, secure: true },
};

const NOT_A_DSN =
  'is not a URL such as tcp://host:9000/database; http:// and https:// are taken too';
const PROTOCOLS = new Set(['http:', 'https:', 'tcp:', 'clickhouse:']);

/** Parameters that tune the archiver's driver, and mean nothing to HTTP. */
const WITHOUT_EFFECT = new Set([
  'debug',
  'compress',
  'block_size',
  'pool_size',
  'dial_timeout',
  'read_timeout',
  'write_timeout',
  'max_open_conns',
  'max_idle_conns',
  'conn_max_lifetime',
]);

/**
 * The archiver's `ch_dsn`, `tcp://[user[:password]@]host:9000/database?...`, or an http(s) URL of the
 * same form. `httpUrl` (`ch_http_url`) wins over host and port.
 *
 * @throws ConfigError naming what is not understood.
 */
export function parseDsn(dsn: string, httpUrl?: string): Endpoint {
  if (!URL.canParse(dsn)) throw wrong(NOT_A_DSN);
  const url = new URL(dsn);
  // `user:password@host` parses as a URL too, of a scheme that is the user's name.
  if (!PROTOCOLS.has(url.protocol) || url.hostname === '') {
    throw wrong(NOT_A_DSN);
  }
  const { searchParams: given } = url;
  const unknown = [...new Set(given.keys())].filter(
    (name) => !WITHOUT_EFFECT.has(name) && !['username', 'password', 'database'].includes(name),
  );
  if (unknown.length > 0)
    throw wrong(`has parameters that mean nothing here: ${unknown.join(', ')}`);
  return {
    url: httpUrl ?? httpOf(url),
    database: decodeURIComponent(url.pathname.slice(1)) || (given.get('database') ?? 'default'),
    username: decodeURIComponent(url.username) || (given.get('username') ?? 'default'),
    password: decodeURIComponent(url.password) || (given.get('password') ?? ''),
  };
}

/** What the DSN says in vain, for start-up to tell. */
export function ignoredParameters(dsn: string): readonly string[] {
  return [...new URL(dsn).searchParams.keys()].filter((name) => WITHOUT_EFFECT.has(name));
}

function httpOf(url: URL): string {
  const { protocol, hostname, port } = url;
  if (protocol === 'http:' || protocol === 'https:') return `${protocol}//${url.host}`;
  const http = HTTP_PORTS[port || '9000'];
  if (!http) {
    throw wrong(
      `has the native port ${port}, whose HTTP port is not known; set ch_http_url, such as http://${hostname}:8123`,
    );
  }
  return `${http.secure ? 'https' : 'http'}://${hostname}:${http.port}`;
}

function wrong(what: string): ConfigError {
  return new ConfigError(`ch_dsn ${what}`, {
    code: 'ch-dsn',
    remedy: 'docs/4-configuration.md describes ch_dsn and ch_http_url.',
  });
}
