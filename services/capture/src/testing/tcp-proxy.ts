import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { BinlogPackets, TYPE_AT } from '@scoreline/testing';

import { EVENT } from '../event-codes.ts';

/** A network between a service and its server, which can stop to carry anything without closing. */
export class TcpProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #port = 0;
  #upstream: { readonly host: string; readonly port: number };
  /** Binlog streams carry heartbeats, and no events: also those that begin while it is set. */
  stallsBinlogs = false;

  private constructor(host: string, port: number) {
    this.#upstream = { host, port };
  }

  static async create(t: TestContext, host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(host, port);
    const server = createServer((client) => {
      const upstream = connect(proxy.#upstream);
      const pair = [client, upstream] as const;
      proxy.#pairs.add(pair);
      const end = (): void => {
        client.destroy();
        upstream.destroy();
        proxy.#pairs.delete(pair);
      };
      for (const socket of pair) socket.on('error', end).on('close', end);
      const packets = new BinlogPackets((packet) =>
        proxy.stallsBinlogs && packet[TYPE_AT] !== EVENT.HEARTBEAT ? null : packet,
      );
      client.on('data', (chunk: Buffer) => packets.asked(chunk));
      client.pipe(upstream).pipe(packets).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy.#port = (server.address() as { port: number }).port;
    t.after(() => {
      for (const [client, upstream] of proxy.#pairs) {
        client.destroy();
        upstream.destroy();
      }
      server.close();
    });
    return proxy;
  }

  /** How many connections go through here. */
  get open(): number {
    return this.#pairs.size;
  }

  /** A DSN that leads through here. */
  through(dsn: string): string {
    return dsn.replace(/\([^)]*\)/, `(127.0.0.1:${this.#port})`);
  }

  /** Connections from now on lead to another port. */
  leadTo(port: number): void {
    this.#upstream = { ...this.#upstream, port };
  }

  /** Ends all connections. Others can be made. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Connections that are open now, but for the oldest, carry nothing any more. Returns how many. */
  freezeYounger(): number {
    return this.freeze(1);
  }

  freeze(butOldest = 0): number {
    const frozen = [...this.#pairs].slice(butOldest);
    for (const [client, upstream] of frozen) {
      client.unpipe();
      upstream.unpipe();
      client.pause();
      upstream.pause();
    }
    return frozen.length;
  }
}
