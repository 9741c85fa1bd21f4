import { ConfigError } from '@scoreline/service';

/** How ClickHouse is reached, by HTTP. */
export interface Endpoint {
  /** One of each host. */
  readonly urls: readonly string[];
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** How the rows are packed on their way; null when they are not. */
  readonly compression: Compression | null;
}

/** What ClickHouse unpacks from HTTP and Node packs; at the level that takes least time. */
const COMPRESSIONS = {
  gzip: { codec: 'gzip', level: 1 },
  br: { codec: 'br', quality: 1 },
} as const;

export type Compression = (typeof COMPRESSIONS)[keyof typeof COMPRESSIONS];

/** Compressions of the native protocol's blocks: HTTP has none of them that Node can make. */
const NATIVE_COMPRESSIONS = new Set(['lz4', 'lz4hc', 'zstd', 'true', '1']);
const NO_COMPRESSION = new Set(['none', 'false', '0', '']);

/** The native protocol's usual ports, and where the same server usually speaks HTTP. */
const HTTP_PORTS: Readonly<Record<string, { readonly port: number; readonly secure: boolean }>> = {
  '9000': { port: 8123, secure: false },
  '9440': { port: 8443, secure: true },
};

const NOT_A_DSN =
  'is not a URL such as tcp://host:9000/database, or tcp://host:9000,host:9000/database; http:// and https:// are taken too';
const PROTOCOLS = new Set(['http:', 'https:', 'tcp:', 'clickhouse:']);

/** Parameters that tune the archiver's driver, and mean nothing to HTTP. */
const WITHOUT_EFFECT = new Set([
  'debug',
  'block_size',
  'pool_size',
  'dial_timeout',
  'read_timeout',
  'write_timeout',
  'max_open_conns',
  'max_idle_conns',
  'conn_max_lifetime',
  // The last host that worked is always preferred.
  'connection_open_strategy',
]);
const WITH_EFFECT = new Set(['username', 'password', 'database', 'compress']);

/**
 * The archiver's `ch_dsn`, `tcp://[user[:password]@]host:9000[,host:9000]/database?...`, or an http(s) URL
 * of the same form. `httpUrls` (`ch_http_url`) win over hosts and ports.
 *
 * @throws ConfigError naming what is not understood.
 */
export function parseDsn(dsn: string, httpUrls?: readonly string[]): Endpoint {
  const urls = eachHost(dsn);
  const [url] = urls;
  // `user:password@host` parses as a URL too, of a scheme that is the user's name.
  if (!url || urls.some(({ protocol, hostname }) => !PROTOCOLS.has(protocol) || hostname === '')) {
    throw wrong(NOT_A_DSN);
  }
  const { searchParams: given } = url;
  const unknown = [...new Set(given.keys())].filter(
    (name) => !WITHOUT_EFFECT.has(name) && !WITH_EFFECT.has(name),
  );
  if (unknown.length > 0)
    throw wrong(`has parameters that mean nothing here: ${unknown.join(', ')}`);
  return {
    urls: distinct(httpUrls ?? urls.map(httpOf)),
    database: decodeURIComponent(url.pathname.slice(1)) || (given.get('database') ?? 'default'),
    username: decodeURIComponent(url.username) || (given.get('username') ?? 'default'),
    password: decodeURIComponent(url.password) || (given.get('password') ?? ''),
    compression: compressionOf(given.get('compress') ?? 'none'),
  };
}

/** What the DSN says in vain, for start-up to tell. */
export function ignoredParameters(dsn: string): readonly string[] {
  return [...(eachHost(dsn)[0]?.searchParams ?? [])].flatMap(([name, value]) => {
    if (WITHOUT_EFFECT.has(name)) return [name];
    if (name !== 'compress' || !NATIVE_COMPRESSIONS.has(value)) return [];
    return [
      `compress=${value} (packs blocks of the native protocol; over HTTP there are compress=gzip and compress=br)`,
    ];
  });
}

/** The same URL with one host at a time: `tcp://a:9000,b:9000/db` is no URL by itself. */
function eachHost(dsn: string): readonly URL[] {
  const [, before = '', hosts = '', after = ''] =
    /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#@]*)(.*)$/is.exec(dsn) ?? [];
  const each = hosts.split(',').map((host) => `${before}${host}${after}`);
  return each.every((one) => URL.canParse(one)) ? each.map((one) => new URL(one)) : [];
}

function distinct(urls: readonly string[]): readonly string[] {
  const twice = urls.find((url, index) => urls.indexOf(url) !== index);
  if (twice === undefined) return urls;
  throw wrong(`names ${twice} twice`);
}

function compressionOf(value: string): Compression | null {
  if (value === 'gzip' || value === 'br') return COMPRESSIONS[value];
  if (NO_COMPRESSION.has(value) || NATIVE_COMPRESSIONS.has(value)) return null;
  throw wrong(`says compress=${value}; over HTTP there are gzip, br and none`);
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
