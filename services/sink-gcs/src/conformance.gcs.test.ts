import { objectRows, proxied, tempFolder } from '@scoreline/files/testing';
import { sinkConformance } from '@scoreline/landing/testing';
import { type ProxiedRequest, uniqueName } from '@scoreline/testing';

import { deleteObjects, makeBucket, objectsOf } from './testing/emulator.ts';
import { gcsProxy } from './testing/gcs-proxy.ts';
import { testSink } from './testing/test-sink.ts';

const TOPIC = 'log_scores-v1/';

sinkConformance({
  name: 'Cloud Storage',
  audited: true,
  async open(t) {
    const proxy = await gcsProxy(t);
    if (proxy === null) return null;
    const bucket = uniqueName('suite');
    await makeBucket(proxy.url, bucket);
    const env = {
      gc_bucket: bucket,
      gc_api_endpoint: proxy.url,
      spool_dir: await tempFolder(t),
    };
    return {
      proxy,
      bucket,
      sink: () => testSink(env),
      rows: async () => objectRows(await objectsOf(proxy.url, bucket, TOPIC)),
      remove: () => deleteObjects(proxy.url, bucket),
    };
  },
  otherLedger: 'refused',
  loseAnswer: ({ proxy }) => proxied.loseAnswer(proxy, createsFile, 1),
  stall: ({ proxy }) => proxied.stall(proxy, createsFile),
  // One of the two files of a range of two days.
  async tear({ proxy, bucket }) {
    const [name = ''] = (await objectsOf(proxy.url, bucket, TOPIC)).keys();
    await deleteObjects(proxy.url, bucket, name);
  },
});

function createsFile({ method, path }: ProxiedRequest): boolean {
  return method === 'POST' && path.includes('uploadType=multipart');
}
