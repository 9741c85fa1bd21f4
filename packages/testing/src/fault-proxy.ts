import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

import { pass } from './pass-request.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What becomes of a request on its way. */
export type Fault =
  /** The server gets it whole and answers; the answer is dropped, with the connection. */
  | { readonly kind: 'lose-answer' }
  /** The same, but the connection stays, and nothing ever comes over it. */
  | { readonly kind: 'silence' }
  /** The server never hears of it. */
  | CannedAnswer
  /** Nor does it of this one, whose answer begins like this and then stands still. */
  | (Omit<CannedAnswer, 'kind'> & { readonly kind: 'stall' })
  /** The server gets this many bytes of its body, then the connection ends; with 0 it never hears of it. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The same, but the connection stays, and nothing more is read. */
  | { readonly kind: 'hold'; readonly afterBytes: number }
  /** The server gets it, whole, only when that is settled: the client may have gone on by then. */
  | { readonly kind: 'delay'; readonly until: Promise<void> }
  /** A bit of this byte of its body is another when the server gets it. */
  | { readonly kind: 'damage'; readonly atByte: number };

export interface CannedAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FaultProxy {
  readonly url: string;
  /** Everything that was asked for, in order, also what the server never heard of. */
  readonly requests: readonly ProxiedRequest[];
  /**
   * The faults that happened, as `lose-answer PUT /path`, each when it has: the server has answered, the
   * bytes have gone to it. A test that saw none has shown nothing.
   */
  readonly fired: readonly string[];
  /** Does this to the next requests that match. */
  next(matches: Matches, fault: Fault | ((request: ProxiedRequest) => Fault), times?: number): void;
  /** Ends every connection, those that are held too. */
  dropAll(): void;
}

export interface FaultProxyOptions {
  /** Answers instead of an emulator whose own answer is not the real server's. */
  readonly instead?: (request: ProxiedRequest) => CannedAnswer | null;
  /** Changes an answer's headers before the client sees them. */
  readonly answerHeaders?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
}

export type Matches = (request: ProxiedRequest) => boolean;

interface Rule {
  readonly matches: Matches;
  readonly fault: (request: ProxiedRequest) => Fault;
  left: number;
}

/** Between an HTTP client and a server of the test's: passes everything on but what it is told to spoil. */
export async function faultProxy(
  t: TestContext,
  target: string,
  { instead = () => null, answerHeaders = (headers) => headers }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const fired: string[] = [];
  const rules: Rule[] = [];

  const server = createServer((incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers };
    requests.push(request);
    const rule = rules.find(({ left, matches }) => left > 0 && matches(request));
    if (rule !== undefined) rule.left--;
    const spoilt = rule?.fault(request);
    pass(incoming, outgoing, {
      target,
      fault: spoilt ?? instead(request) ?? undefined,
      answerHeaders,
      onFired: () => {
        if (spoilt !== undefined) fired.push(`${spoilt.kind} ${method} ${path}`);
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fired,
    next: (matches, given, times = 1) => {
      const fault = typeof given === 'function' ? given : () => given;
      rules.push({ matches, fault, left: times });
    },
    dropAll: () => server.closeAllConnections(),
  };
}
