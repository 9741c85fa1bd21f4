import { fileURLToPath } from 'node:url';

import { FILE_FAULT_SETTINGS, objectRows, tempFolder } from '@scoreline/files/testing';
import { auditCase } from '@scoreline/landing/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { testBucket } from './testing/emulator.ts';

auditCase({
  sink: 's3',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  async open(t) {
    const endpoint = needServer(t, 's3');
    if (!endpoint) return null;
    const bucket = testBucket(t, endpoint, `${uniqueName('audit')}/`);
    const files = async () =>
      new Map([...(await bucket.objects(''))].filter(([name]) => name.endsWith('.avro')));
    return {
      env: {
        ...FILE_FAULT_SETTINGS.settings,
        ...bucket.env,
        s3_endpoint: endpoint,
        spool_dir: await tempFolder(t),
      },
      ids: async () => (await objectRows(await files())).map(({ id }) => id),
      lose: async () => bucket.remove([...(await files()).keys()][0] ?? ''),
    };
  },
});
