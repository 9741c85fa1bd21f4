import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

import type { TestDatabase } from './database.ts';

/**
 * One of several addresses of a real server, that speaks as if it were a replica of its tables: they share
 * rows and the memory of inserts, as replicas do when nothing lags. No server that starts here replicates.
 */
export interface ReplicaProxy {
  readonly url: string;
  /** Requests that it got, each with its query and settings. */
  readonly asked: readonly { readonly query: string; readonly settings: URLSearchParams }[];
  /** What system.replicas says here. */
  facts: Record<string, unknown>;
  /** Whether the table is there: made with a CREATE, or before the test. */
  made: boolean;
  /** An insert is answered so, and not made, until this is null. */
  refuse: { readonly code: number; readonly name: string } | null;
  /** Everything is answered with the page of a gateway. */
  unavailable: boolean;
  /** The next insert is made, and then the replica is gone without an answer. */
  dieAfterInsert: boolean;
  /** Its connections end, and it takes no others, as after `kill -9`. */
  down(): void;
  /** On its port. */
  up(): Promise<void>;
}

/** All replicas of a table that the sink has yet to make, and the settings of a sink that lands there. */
export async function replicasOf(
  t: TestContext,
  database: TestDatabase,
  count: number,
): Promise<{ replicas: readonly ReplicaProxy[]; env: Readonly<Record<string, string>> }> {
  const target = process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123';
  const shared = { path: '/clickhouse/tables/u/01', isReadonly: 0, replicas: count, active: count };
  const replicas = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      replicaProxy(t, target, { ...shared, name: `r${i + 1}` }),
    ),
  );
  const env = {
    ...database.env,
    ch_http_url: replicas.map(({ url }) => url).join(','),
    ch_replicated: 'true',
    ch_insert_timeout: '20s',
  };
  return { replicas, env };
}

async function replicaProxy(
  t: TestContext,
  target: string,
  facts: Record<string, unknown>,
): Promise<ReplicaProxy> {
  const sockets = new Set<Socket>();
  const asked: { query: string; settings: URLSearchParams }[] = [];
  let port = 0;
  const server = createServer((client, answer) => void handle(client, answer));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const proxy = {
    url: '',
    asked,
    facts,
    made: false,
    refuse: null as ReplicaProxy['refuse'],
    unavailable: false,
    dieAfterInsert: false,
    down: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    up: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      proxy.url = `http://127.0.0.1:${port}`;
    },
  };

  async function handle(client: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(client.url ?? '', target);
    const body = await read(client).catch(() => null);
    if (body === null) return;
    const query = url.searchParams.get('query') ?? body.toString('utf8');
    if (proxy.unavailable) {
      answer.writeHead(503, { 'content-type': 'text/html' });
      return void answer.end('<html>503 Service Unavailable</html>');
    }
    asked.push({ query, settings: url.searchParams });
    if (query.startsWith('SYSTEM SYNC REPLICA')) return void answer.end();
    if (query.includes('FROM system.replicas')) {
      return void answer.end(`${JSON.stringify(proxy.facts)}\n`);
    }
    const ofTable = query.includes('FROM system.tables') && url.searchParams.has('param_table');
    if (ofTable && !proxy.made) return void answer.end();
    if (/^CREATE TABLE .*log_scores/.test(query)) proxy.made = true;
    const inserts = /^INSERT INTO .*log_scores/.test(query);
    if (inserts && proxy.refuse) {
      const { code, name } = proxy.refuse;
      answer.writeHead(500, { 'x-clickhouse-exception-code': String(code) });
      return void answer.end(`Code: ${code}. DB::Exception: as the test wants. (${name})`);
    }
    const sent = query.startsWith('CREATE TABLE') ? Buffer.from(unreplicated(query)) : body;
    const upstream = request(url, {
      method: client.method,
      headers: { ...client.headers, host: url.host, 'content-length': sent.length },
    });
    delete (upstream as { chunkedEncoding?: boolean }).chunkedEncoding;
    upstream.end(sent);
    const [response] = (await once(upstream, 'response')) as [IncomingMessage];
    const said = await read(response);
    if (inserts && proxy.dieAfterInsert) {
      proxy.dieAfterInsert = false;
      proxy.down();
      return;
    }
    const {
      'content-length': _length,
      'transfer-encoding': _chunks,
      ...headers
    } = response.headers;
    answer.writeHead(response.statusCode ?? 500, headers);
    answer.end(
      ofTable
        ? said.toString('utf8').replace('"engine":"MergeTree"', '"engine":"ReplicatedMergeTree"')
        : said,
    );
  }

  await proxy.up();
  t.after(proxy.down);
  return proxy;
}

function unreplicated(statement: string): string {
  return statement
    .replace('ENGINE = ReplicatedMergeTree', 'ENGINE = MergeTree')
    .replace(
      'SETTINGS replicated',
      'SETTINGS non_replicated_deduplication_window = 10000, replicated',
    );
}

async function read(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
