import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer } from 'node:tls';

import type { ServerTls } from '@scoreline/local';

/** ClickHouse's HTTP behind TLS, under the name localhost. Resolves with its address. */
export async function tlsProxy(t: TestContext, target: string, shown: ServerTls): Promise<string> {
  const { hostname, port } = new URL(target);
  const [cert, key] = await Promise.all([readFile(shown.cert), readFile(shown.key)]);
  const server = createServer({ cert, key }, (client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  t.after(() => server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}
