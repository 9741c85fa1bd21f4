import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killCase } from '@scoreline/files/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { makeBucket, objectsOf } from './testing/emulator.ts';

test('processes are killed with ranges pending, and every row is in one file of the bucket, as it was', async (t) => {
  const endpoint = needServer(t, 'gcs');
  if (endpoint === '') return;
  const bucket = uniqueName('kill');
  const other = uniqueName('other');
  for (const name of [bucket, other]) await makeBucket(endpoint, name);
  await killCase(t, {
    sink: 'gcs',
    main: fileURLToPath(new URL('./main.js', import.meta.url)),
    place: { gc_bucket: bucket, gc_api_endpoint: endpoint },
    otherPlace: { gc_bucket: other },
    objects: (prefix) => objectsOf(endpoint, bucket, prefix),
  });
});
