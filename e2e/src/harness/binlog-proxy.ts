import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { BinlogPackets, type PacketRule } from '@scoreline/testing';

import { parseDsn } from './mysql.ts';

/** A network between capture and its server, in which binlog streams go wrong and everything else is fine. */
export class BinlogProxy {
  readonly #dsn: string;
  #leadsTo: string;
  readonly #server: Server;
  readonly #streams = new Set<BinlogPackets>();
  readonly #sockets = new Set<Socket>();
  /** For streams that begin from now on too. */
  #rule: PacketRule | null = null;

  private constructor(dsn: string) {
    this.#dsn = this.#leadsTo = dsn;
    this.#server = createServer((client) => {
      const { host, port } = parseDsn(this.#leadsTo);
      const upstream = connect(port!, host);
      const packets = new BinlogPackets(this.#rule);
      this.#streams.add(packets);
      const pair = [client, upstream] as const;
      const end = (): void => {
        this.#streams.delete(packets);
        for (const socket of pair) {
          this.#sockets.delete(socket);
          socket.destroy();
        }
      };
      for (const socket of pair) {
        this.#sockets.add(socket);
        socket.on('error', end).on('close', end);
      }
      client.on('data', (chunk: Buffer) => packets.asked(chunk));
      client.pipe(upstream).pipe(packets).pipe(client);
    });
  }

  static async create(dsn: string): Promise<BinlogProxy> {
    const proxy = new BinlogProxy(dsn);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The DSN, by way of here. */
  get dsn(): string {
    const { port } = this.#server.address() as { port: number };
    return this.#dsn.replace(/\([^)]*\)/, `(127.0.0.1:${port})`);
  }

  /** From now on, for the streams of now; with `always` for those to come too. */
  apply(rule: PacketRule, { always = false } = {}): void {
    if (always) this.#rule = rule;
    for (const packets of this.#streams) packets.rule = rule;
  }

  /** Another server has the address now: connections end, and those to come lead there. */
  leadTo(dsn: string): void {
    this.#leadsTo = dsn;
    this.#cut();
  }

  close(): void {
    this.#server.close();
    this.#cut();
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
