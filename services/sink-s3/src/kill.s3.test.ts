import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killCase } from '@scoreline/files/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { testBucket } from './testing/emulator.ts';

test('processes are killed with ranges pending, and every row is in one file of the bucket, as it was', async (t) => {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return;
  const bucket = testBucket(t, endpoint, `${uniqueName('kill')}/`);
  await killCase(t, {
    sink: 's3',
    main: fileURLToPath(new URL('./main.js', import.meta.url)),
    place: bucket.env,
    otherPlace: { s3_prefix: `${uniqueName('other')}/` },
    objects: (prefix) => bucket.objects(prefix),
  });
});
