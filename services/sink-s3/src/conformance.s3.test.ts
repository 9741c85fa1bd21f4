import { objectRows, proxied, tempFolder } from '@scoreline/files/testing';
import { sinkConformance } from '@scoreline/landing/testing';
import { faultProxy, needServer, type ProxiedRequest, uniqueName } from '@scoreline/testing';

import { testBucket } from './testing/emulator.ts';
import { testSink } from './testing/test-sink.ts';

const TOPIC = 'log_scores-v1/';

sinkConformance({
  name: 'S3',
  audited: true,
  async open(t) {
    const endpoint = needServer(t, 's3');
    if (endpoint === '') return null;
    const proxy = await faultProxy(t, endpoint);
    const bucket = testBucket(t, endpoint, `${uniqueName('suite')}/`);
    const env = { ...bucket.env, s3_endpoint: proxy.url, spool_dir: await tempFolder(t) };
    return {
      proxy,
      bucket,
      sink: () => testSink(env),
      rows: async () => objectRows(await bucket.objects(TOPIC)),
      remove: () => bucket.remove(''),
    };
  },
  otherLedger: 'refused',
  // The client asks three times by itself.
  loseAnswer: ({ proxy }) => proxied.loseAnswer(proxy, createsFile, 3),
  stall: ({ proxy }) => proxied.stall(proxy, createsFile),
  // One of the two files of a range of two days.
  async tear({ bucket }) {
    const [name = ''] = (await bucket.objects(TOPIC)).keys();
    await bucket.remove(name);
  },
});

function createsFile({ method, path }: ProxiedRequest): boolean {
  return method === 'PUT' && path.includes('.avro');
}
