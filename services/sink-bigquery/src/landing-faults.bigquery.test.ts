import { fileURLToPath } from 'node:url';

import {
  type HttpPlace,
  HttpWay,
  type LandingFault,
  landingFaults,
  storm,
} from '@scoreline/landing/testing';
import { faultProxy, needServer, type ProxiedRequest } from '@scoreline/testing';

import { testDataset } from './testing/dataset.ts';
import { googleError, QUOTA_EXCEEDED, RATE_LIMITED } from './testing/google-errors.ts';

const uploads = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('/upload/');
const asks = ({ method, path }: ProxiedRequest) =>
  method === 'GET' && path.includes('/jobs/scoreline-');

const refuses = (status: number, reason: string) =>
  storm({
    name: `BigQuery answers ${status} ${reason} for a while`,
    to: uploads,
    answer: googleError(status, reason),
    code: `bigquery-${reason.replace('Error', '-error')}`,
  });

/** As if another process had inserted it between the two requests. */
const EXISTS: LandingFault<HttpPlace> = {
  name: '409: the load job was inserted by an answer that was lost, and is not seen at first',
  outcome: 'goes on',
  cause: async (scene) => {
    const { proxy } = scene.place;
    const before = proxy.fired.length;
    proxy.next(uploads, { kind: 'lose-answer' });
    let isLost = false;
    proxy.next(
      (request) => {
        isLost ||= proxy.fired.length > before;
        return isLost && asks(request);
      },
      googleError(404, 'notFound', 'Not found: Job'),
    );
    await scene.produce();
    await scene.fires(before, 2);
    return (await scene.hears('the load job is there already')).msg;
  },
};

landingFaults<HttpPlace>({
  sink: 'bigquery',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  settings: {
    batch_bq_min_size: '1',
    batch_bq_max_size: '700',
    batch_bq_interval: '0ms',
    // What a refused quota leaves is spaced over the day.
    bq_jobs_per_day: '100000',
    bq_partition_changes_per_day: '10000000',
    bq_quota_pause: '500ms',
  },
  spooling: {
    batch_bq_min_size: '1000000',
    batch_bq_max_size: '1000000',
    batch_bq_interval: '2s',
  },
  faults: [
    refuses(500, 'internalError'),
    refuses(503, 'backendError'),
    storm({
      name: 'BigQuery says that a quota is exceeded',
      to: uploads,
      answer: QUOTA_EXCEEDED,
      times: 3,
      code: 'bigquery-quota-exceeded',
    }),
    storm({
      name: 'BigQuery says that a rate limit is exceeded',
      to: uploads,
      answer: RATE_LIMITED,
      times: 1,
      code: 'bigquery-rate-limit-exceeded',
      isApart: true,
    }),
    EXISTS,
  ],
  async open(t) {
    const endpoint = needServer(t, 'bigquery');
    if (!endpoint) return null;
    const dataset = await testDataset(t, endpoint);
    const proxy = await faultProxy(t, endpoint);
    return {
      proxy,
      way: new HttpWay(proxy, uploads),
      env: { ...dataset.env, bq_api_endpoint: proxy.url },
      rows: () => dataset.rows(),
    };
  },
});
