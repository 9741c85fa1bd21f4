import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Between a client and a server: what it does to the next connections that carry an INSERT. */
export interface TcpProxy {
  readonly url: string;
  /** Ends every connection, and takes no others. */
  close(): void;
  /** Answers to come that are dropped, with their connections. The requests arrive whole. */
  dropAnswers: number;
  /** Requests to come that are cut off in the middle. */
  cutRequests: number;
  readonly dropped: number;
  /** Answers, of connections that carry an INSERT, never arrive. */
  holdAnswers: boolean;
  readonly held: number;
}

export async function tcpProxy(t: TestContext, target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const state = {
    url: '',
    dropAnswers: 0,
    cutRequests: 0,
    dropped: 0,
    holdAnswers: false,
    held: 0,
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let inserting = false;
    let sent = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (chunk.includes('INSERT')) inserting = true;
      if (inserting) sent += chunk.length;
      if (inserting && state.cutRequests > 0 && sent > 4000) {
        state.cutRequests--;
        upstream.write(chunk.subarray(0, chunk.length >> 1), () => client.destroy());
        return;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // `100 Continue` is no answer yet.
      if (inserting && state.dropAnswers > 0 && !chunk.includes('100 Continue')) {
        state.dropAnswers--;
        state.dropped++;
        client.destroy();
        return;
      }
      if (inserting && state.holdAnswers) {
        state.held++;
        return;
      }
      client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  t.after(close);
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, { close });
}
