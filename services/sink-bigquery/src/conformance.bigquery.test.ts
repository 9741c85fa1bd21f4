import { sinkConformance } from '@scoreline/landing/testing';
import { faultProxy, needServer, type ProxiedRequest, until } from '@scoreline/testing';

import { testDataset } from './testing/dataset.ts';
import { testSink } from './testing/test-sink.ts';

/** Where load jobs come from, with their rows. */
const uploads = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('/upload/');

sinkConformance({
  name: 'BigQuery',
  beside: true,
  audited: true,
  async open(t) {
    const endpoint = needServer(t, 'bigquery');
    if (!endpoint) return null;
    const dataset = await testDataset(t, endpoint);
    const proxy = await faultProxy(t, endpoint);
    return {
      proxy,
      sink: () => testSink({ ...dataset.env, bq_api_endpoint: proxy.url }).sink,
      rows: () => dataset.rows(),
      remove: async () =>
        void (await dataset.request('DELETE', `datasets/${dataset.name}/tables/log_scores`)),
    };
  },
  loseAnswer({ proxy }) {
    proxy.next(uploads, { kind: 'lose-answer' });
  },
  stall({ proxy }) {
    const before = proxy.fired.length;
    proxy.next(uploads, { kind: 'silence' });
    return {
      reached: until(() => proxy.fired.length > before, { what: 'a job that is not answered' }),
      release: () => {},
    };
  },
});
