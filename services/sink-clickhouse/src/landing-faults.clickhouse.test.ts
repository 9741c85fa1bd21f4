import { fileURLToPath } from 'node:url';

import { HttpWay, landingFaults, storm } from '@scoreline/landing/testing';
import { type CannedAnswer, faultProxy, needServer, type ProxiedRequest } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';

/** Of rows: what the start inserts has another format. */
function inserts({ path }: ProxiedRequest): boolean {
  const query = new URL(path, 'http://clickhouse').searchParams.get('query') ?? '';
  return query.startsWith('INSERT') && query.endsWith('FORMAT Avro');
}

/** As ClickHouse says it, with its number in a header and in the text. */
function exception(status: number, code: number, name: string): CannedAnswer {
  return {
    kind: 'answer',
    status,
    headers: { 'x-clickhouse-exception-code': String(code) },
    body: `Code: ${code}. DB::Exception: as the test has it. (${name})`,
  };
}

const refuses = (code: number, name: string, says: string) =>
  storm({
    name: `ClickHouse says ${says} for a while`,
    to: inserts,
    answer: exception(500, code, name),
    code: `clickhouse-${code}`,
  });

landingFaults({
  sink: 'clickhouse',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  settings: { batch_ch_max_size: '400', ch_insert_spacing: '0ms' },
  spooling: null,
  faults: [
    refuses(252, 'TOO_MANY_PARTS', 'that there are too many parts'),
    refuses(243, 'NOT_ENOUGH_SPACE', 'that its disk is full'),
    refuses(241, 'MEMORY_LIMIT_EXCEEDED', 'that its memory is spent'),
    ...[500, 503, 429].map((status) =>
      storm({
        name: `something on the way to ClickHouse answers ${status} for a while`,
        to: inserts,
        answer: { kind: 'answer', status, body: '<html>Not now</html>' },
        code: 'clickhouse-unreachable',
      }),
    ),
  ],
  async open(t) {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return null;
    const database = await testDatabase(t, dsn);
    const proxy = await faultProxy(t, process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123');
    return {
      proxy,
      way: new HttpWay(proxy, inserts),
      env: { ...database.env, ch_http_url: proxy.url },
      rows: () => database.rows(),
    };
  },
});
