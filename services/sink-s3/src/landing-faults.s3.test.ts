import { fileURLToPath } from 'node:url';

import {
  FILE_FAULT_SETTINGS,
  objectRows,
  type ObjectPlace,
  otherContent,
  tempFolder,
} from '@scoreline/files/testing';
import { HttpWay, landingFaults, storm } from '@scoreline/landing/testing';
import {
  type CannedAnswer,
  faultProxy,
  needServer,
  type ProxiedRequest,
  uniqueName,
} from '@scoreline/testing';

import { testBucket } from './testing/emulator.ts';

const creates = ({ method, path }: ProxiedRequest) => method === 'PUT' && path.includes('.avro');

function says(status: number, code: string): CannedAnswer {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { kind: 'answer', status, headers: { 'content-type': 'application/xml' }, body };
}

const refuses = (status: number, code: string) =>
  storm({
    name: `S3 answers ${status} ${code} for a while`,
    to: creates,
    answer: says(status, code),
    code: 's3-unavailable',
  });

landingFaults<ObjectPlace>({
  sink: 's3',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  ...FILE_FAULT_SETTINGS,
  faults: [
    refuses(500, 'InternalError'),
    refuses(503, 'SlowDown'),
    refuses(429, 'TooManyRequestsException'),
    refuses(409, 'ConditionalRequestConflict'),
    otherContent((request) => /[^/]+\/dt=[^?]+/.exec(decodeURIComponent(request))?.[0] ?? ''),
  ],
  async open(t) {
    const endpoint = needServer(t, 's3');
    if (endpoint === '') return null;
    const proxy = await faultProxy(t, endpoint);
    const bucket = testBucket(t, endpoint, `${uniqueName('faults')}/`);
    const objects = async () => {
      const all = await bucket.objects('');
      return new Map([...all].filter(([name]) => name.endsWith('.avro')));
    };
    return {
      proxy,
      way: new HttpWay(proxy, creates),
      env: { ...bucket.env, s3_endpoint: proxy.url, spool_dir: await tempFolder(t) },
      rows: async () => objectRows(await objects()),
      objects,
      put: (name, bytes) => bucket.put(name, bytes),
      remove: (name) => bucket.remove(name),
    };
  },
});
