import { fileURLToPath } from 'node:url';

import { auditCase } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { testDataset } from './testing/dataset.ts';

auditCase({
  sink: 'bigquery',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  async open(t) {
    const endpoint = needServer(t, 'bigquery');
    if (!endpoint) return null;
    const dataset = await testDataset(t, endpoint);
    const { env, project, name } = dataset;
    return {
      env: {
        ...env,
        batch_bq_min_size: '1',
        batch_bq_max_size: '700',
        batch_bq_interval: '0ms',
      },
      ids: async () => (await dataset.rows()).map(({ id }) => id),
      lose: () =>
        dataset.query(`DELETE FROM \`${project}.${name}.log_scores\` WHERE id IN (7, 8, 65540)`),
    };
  },
});
