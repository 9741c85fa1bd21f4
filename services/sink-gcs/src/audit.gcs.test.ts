import { fileURLToPath } from 'node:url';

import { FILE_FAULT_SETTINGS, objectRows, tempFolder } from '@scoreline/files/testing';
import { auditCase } from '@scoreline/landing/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { deleteObjects, makeBucket, objectsOf } from './testing/emulator.ts';

auditCase({
  sink: 'gcs',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  async open(t) {
    const endpoint = needServer(t, 'gcs');
    if (!endpoint) return null;
    const bucket = uniqueName('audit');
    await makeBucket(endpoint, bucket);
    const files = async () =>
      new Map(
        [...(await objectsOf(endpoint, bucket, ''))].filter(([name]) => name.endsWith('.avro')),
      );
    return {
      env: {
        ...FILE_FAULT_SETTINGS.settings,
        gc_bucket: bucket,
        gc_api_endpoint: endpoint,
        spool_dir: await tempFolder(t),
      },
      ids: async () => (await objectRows(await files())).map(({ id }) => id),
      lose: async () => deleteObjects(endpoint, bucket, [...(await files()).keys()][0]),
    };
  },
});
