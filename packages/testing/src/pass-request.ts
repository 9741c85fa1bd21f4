import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import { Transform } from 'node:stream';

import type { Fault } from './fault-proxy.ts';

export interface Passing {
  readonly target: string;
  readonly fault: Fault | undefined;
  readonly answerHeaders: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  readonly onFired: () => void;
}

/** Passes one request on, and its answer back, or does to it what the fault says. */
export function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, fault, answerHeaders, onFired }: Passing,
): void {
  if (fault?.kind === 'answer' || fault?.kind === 'stall') {
    incoming.resume().once('end', () => {
      onFired();
      outgoing.writeHead(fault.status, fault.headers);
      if (fault.kind === 'answer') outgoing.end(fault.body);
      else outgoing.write(fault.body ?? '');
    });
    return;
  }
  if ((fault?.kind === 'cut' || fault?.kind === 'hold') && fault.afterBytes === 0) {
    onFired();
    if (fault.kind === 'cut') outgoing.destroy();
    return;
  }
  if (fault?.kind === 'delay') {
    onFired();
    void passLate(incoming, outgoing, { target, fault, answerHeaders, onFired });
    return;
  }
  const { method, url: path, headers } = incoming;
  const { hostname, port } = new URL(target);
  // The host that was asked for stays: signatures cover it.
  const upstream = httpRequest({ hostname, port, method, path, headers, agent: false });
  const end = () => {
    upstream.destroy();
    // A request that has come whole does not take its connection with it.
    outgoing.destroy();
  };
  upstream.on('error', end);
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) end();
  });
  upstream.on('response', (answer) => {
    if (fault?.kind === 'lose-answer' || fault?.kind === 'silence') {
      answer.resume().once('end', () => {
        onFired();
        if (fault.kind === 'lose-answer') end();
      });
      return;
    }
    for (const [name, value] of Object.entries(answerHeaders(answer.headers))) {
      if (value !== undefined) outgoing.setHeader(name, value);
    }
    outgoing.writeHead(answer.statusCode ?? 502);
    answer.pipe(outgoing);
  });
  if (fault?.kind === 'cut' || fault?.kind === 'hold') {
    passSome(incoming, upstream, fault.afterBytes, () => {
      onFired();
      if (fault.kind === 'cut') end();
    });
  } else if (fault?.kind === 'damage') {
    incoming.pipe(damaging(fault.atByte, onFired)).pipe(upstream);
  } else {
    incoming.pipe(upstream);
  }
}

async function passLate(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { fault, ...passing }: Passing & { readonly fault: Fault & { readonly kind: 'delay' } },
): Promise<void> {
  await fault.until;
  // Whoever has sent it may be gone.
  if (!incoming.destroyed) pass(incoming, outgoing, { ...passing, fault: undefined });
}

function damaging(atByte: number, onFired: () => void): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, give) {
      const at = atByte - seen;
      seen += chunk.length;
      if (at >= 0 && at < chunk.length) {
        chunk[at]! ^= 1;
        onFired();
      }
      give(null, chunk);
    },
  });
}

function passSome(
  from: IncomingMessage,
  to: NodeJS.WritableStream,
  bytes: number,
  then: () => void,
): void {
  let left = bytes;
  const onData = (chunk: Buffer) => {
    const some = chunk.subarray(0, left);
    left -= some.length;
    if (left > 0) {
      to.write(some);
      return;
    }
    from.off('data', onData).pause();
    to.write(some, then);
  };
  from.on('data', onData);
}
