import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A network that carries a statement to the server and cuts the connection when the answer comes. */
export class LosingProxy {
  port = 0;
  /** How the statement begins; once. */
  loses: string | null = null;

  static async create(
    t: TestContext,
    { host, port }: { readonly host: string; readonly port: number },
  ): Promise<LosingProxy> {
    const proxy = new LosingProxy();
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const upstream = connect({ host, port });
      const end = (): void => {
        client.destroy();
        upstream.destroy();
      };
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', end).on('close', end);
      }
      let isLost = false;
      client.on('data', (bytes: Buffer) => {
        // Before the statement comes a header, and on MySQL how many attributes a query has.
        if (proxy.loses !== null && bytes.subarray(0, 20).includes(proxy.loses)) {
          isLost = true;
          proxy.loses = null;
        }
        upstream.write(bytes);
      });
      upstream.on('data', (bytes: Buffer) => {
        if (isLost) end();
        else client.write(bytes);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy.port = (server.address() as { port: number }).port;
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }
}
