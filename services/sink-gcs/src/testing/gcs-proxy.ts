import type { TestContext } from 'node:test';

import { type FaultProxy, faultProxy, needServer, type ProxiedRequest } from '@scoreline/testing';

/** Bytes of a large object that an upload has brought when its second piece has not. */
const ONE_PIECE = 8 * 2 ** 20;

/** The emulator behind a proxy, null without one. */
export async function gcsProxy(t: TestContext): Promise<FaultProxy | null> {
  const endpoint = needServer(t, 'gcs');
  if (endpoint === '') return null;
  let isWhole = false;
  const proxy = await faultProxy(t, endpoint, {
    // Where the rest of a resumable upload is sent: also through the proxy.
    answerHeaders: (headers) =>
      headers.location === undefined
        ? headers
        : { ...headers, location: headers.location.replace(endpoint, proxy.url) },
    // Asked how far an upload is, the emulator completes it as it is; Cloud Storage says how far.
    instead: (request) => {
      if (bringsLast(request)) isWhole = true;
      if (request.headers['content-range'] !== 'bytes */*' || isWhole) return null;
      return { kind: 'answer', status: 308, headers: { range: `bytes=0-${ONE_PIECE - 1}` } };
    },
  });
  return proxy;
}

export function bringsSecond({ method, headers }: ProxiedRequest): boolean {
  return method === 'PUT' && headers['content-range']?.startsWith(`bytes ${ONE_PIECE}-`) === true;
}

export function bringsLast({ method, headers }: ProxiedRequest): boolean {
  const [, last, total] = /^bytes \d+-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  return method === 'PUT' && total !== undefined && Number(last) + 1 === Number(total);
}
