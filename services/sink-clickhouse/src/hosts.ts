import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

import type { Settings } from './config.ts';
import type { Endpoint } from './dsn.ts';
import { authority } from './tls.ts';

/** Every partition may be inserting at a time. */
const CONNECTIONS = 64;

/** One address of ClickHouse. */
export interface Host {
  /** `http://host:port`, for errors and logs. */
  readonly address: string;
  readonly client: ClickHouseClient;
}

/**
 * The hosts that `ch_dsn` names. All ranges go to one of them, until it fails one; then to the next, and
 * there they stay: whoever worked last is the best guess.
 */
export class Hosts {
  readonly all: readonly Host[];
  #current = 0;

  constructor(all: readonly Host[]) {
    this.all = all;
  }

  get current(): Host {
    const host = this.all[this.#current];
    if (!host) throw new Error('there is no host');
    return host;
  }

  prefer(host: Host): void {
    this.#current = this.all.indexOf(host);
  }

  /** After a failure there. Ranges that fail at the same time leave it once. */
  leave(host: Host): void {
    if (host === this.current) this.#current = (this.#current + 1) % this.all.length;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ client }) => client.close()));
  }
}

/** @throws ConfigError when ch_tls_ca cannot be read, or does nothing. */
export function hostsOf(
  { urls, database, username, password, compression }: Endpoint,
  config: Pick<Settings, 'ch_insert_timeout' | 'ch_tls_ca'>,
): Hosts {
  const trusted = authority(urls, config.ch_tls_ca);
  return new Hosts(
    urls.map((url) => ({
      address: url,
      client: createClient({
        url,
        database,
        username,
        password,
        application: 'scoreline-sink-clickhouse',
        request_timeout: config.ch_insert_timeout,
        max_open_connections: CONNECTIONS,
        ...trusted,
        compression: { request: compression ?? false, response: false },
        // Errors are ours to log, and its lines are not JSON.
        log: { level: ClickHouseLogLevel.OFF },
      }),
    })),
  );
}
