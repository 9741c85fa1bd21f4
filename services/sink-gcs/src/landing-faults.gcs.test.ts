import { fileURLToPath } from 'node:url';

import {
  FILE_FAULT_SETTINGS,
  objectRows,
  type ObjectPlace,
  otherContent,
  tempFolder,
} from '@scoreline/files/testing';
import { HttpWay, landingFaults, storm } from '@scoreline/landing/testing';
import { type CannedAnswer, needServer, type ProxiedRequest, uniqueName } from '@scoreline/testing';

import { deleteObjects, makeBucket, objectsOf, putObject } from './testing/emulator.ts';
import { gcsProxy } from './testing/gcs-proxy.ts';

/** A file of rows: the start creates an object too. */
const creates = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('uploadType=multipart') && path.includes('.avro');

function says(status: number, reason: string): CannedAnswer {
  const error = { code: status, message: reason, errors: [{ reason, message: reason }] };
  const headers = { 'content-type': 'application/json' };
  return { kind: 'answer', status, headers, body: JSON.stringify({ error }) };
}

const refuses = (status: number, reason: string) =>
  storm({
    name: `Cloud Storage answers ${status} ${reason} for a while`,
    to: creates,
    answer: says(status, reason),
    code: 'gcs-unavailable',
  });

landingFaults<ObjectPlace>({
  sink: 'gcs',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  ...FILE_FAULT_SETTINGS,
  faults: [
    refuses(500, 'internalError'),
    refuses(503, 'backendError'),
    refuses(429, 'rateLimitExceeded'),
    refuses(403, 'rateLimitExceeded'),
    otherContent((request) =>
      new URL(request.split(' ')[2]!, 'http://x').searchParams.get('name')!,
    ),
  ],
  async open(t) {
    const endpoint = needServer(t, 'gcs');
    const proxy = await gcsProxy(t);
    if (proxy === null) return null;
    const bucket = uniqueName('faults');
    await makeBucket(endpoint, bucket);
    const objects = async () => {
      const all = await objectsOf(endpoint, bucket, '');
      return new Map([...all].filter(([name]) => name.endsWith('.avro')));
    };
    return {
      proxy,
      way: new HttpWay(proxy, creates),
      env: { gc_bucket: bucket, gc_api_endpoint: proxy.url, spool_dir: await tempFolder(t) },
      rows: async () => objectRows(await objects()),
      objects,
      put: (name, bytes) => putObject(endpoint, bucket, { name, bytes }),
      remove: (name) => deleteObjects(endpoint, bucket, name),
    };
  },
});
