import { sampleRow, sinkConformance } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';
import { type TcpProxy, tcpProxy } from './testing/tcp-proxy.ts';
import { testSink } from './testing/test-sink.ts';

sinkConformance({
  name: 'ClickHouse',
  beside: true,
  audited: true,
  async open(t) {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return null;
    const database = await testDatabase(t, dsn);
    const { name, client, env } = database;
    const proxy = await tcpProxy(t, process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123');
    const table = `${name}.log_scores`;
    const exec = (query: string) => client.command({ query });
    return {
      proxy,
      table,
      exec,
      sink: () => testSink(t, { ...env, ch_http_url: proxy.url }),
      rows: () => database.rows(),
      remove: async () => void (await exec(`DROP TABLE ${table} SYNC`)),
    };
  },
  misfit: sampleRow(777_777, { server_id: 2 ** 32 }),
  loseAnswer({ proxy }) {
    proxy.dropAnswers = 1;
  },
  stall({ proxy }) {
    proxy.holdAnswers = true;
    return {
      reached: untilHeld(proxy),
      release: () => {
        proxy.holdAnswers = false;
      },
    };
  },
  // One of the two parts that an insert over two days makes.
  async tear({ exec, table }, range) {
    const day = new Date(range.minTs / 1000).toISOString().slice(0, 10);
    await exec(`ALTER TABLE ${table} DROP PARTITION '${day}'`);
  },
});

async function untilHeld(proxy: TcpProxy): Promise<void> {
  await until(() => proxy.held > 0, { what: 'an answer that is kept back', everyMs: 5 });
}
