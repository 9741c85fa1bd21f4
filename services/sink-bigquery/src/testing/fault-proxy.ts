import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What happens to a request. */
export type Fault =
  /** It never arrives, and this is the answer. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** It arrives and is done, and its answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** The connection breaks when so many bytes of it have arrived. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** It arrives, and nothing ever answers. */
  | { readonly kind: 'silence' };

/** Which requests: the method, and what their path contains. */
export interface FaultRule {
  readonly method: string;
  readonly path: string;
  /** How many of them. */
  readonly times: number;
  readonly fault: Fault | ((path: string) => Fault);
}

export interface FaultProxy {
  readonly url: string;
  /** What was done so far, one line each; of a fault after the answer, when that had come. A fault that never fired tests nothing. */
  readonly fired: string[];
  /** Every request, `METHOD path`. */
  readonly seen: string[];
  add(rule: FaultRule): void;
}

/** Between the sink and BigQuery: the faults that an emulator does not have. */
export async function faultProxy(t: TestContext, target: string): Promise<FaultProxy> {
  const rules: (FaultRule & { left: number })[] = [];
  const fired: string[] = [];
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    seen.push(`${method} ${url}`);
    const rule = rules.find(
      (one) => one.left > 0 && one.method === method && url.includes(one.path),
    );
    if (rule === undefined) {
      forward(target, request, response);
      return;
    }
    rule.left--;
    const fault = typeof rule.fault === 'function' ? rule.fault(url) : rule.fault;
    inject(fault, target, request, response, () => {
      fired.push(`${fault.kind} ${method} ${url}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fired,
    seen,
    add: (rule) => void rules.push({ ...rule, left: rule.times }),
  };
}

function inject(
  fault: Fault,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  onFired: () => void,
): void {
  switch (fault.kind) {
    case 'answer':
      request.resume().on('end', () => {
        onFired();
        const isText = typeof fault.body === 'string';
        response.writeHead(fault.status, {
          'content-type': isText ? 'text/html' : 'application/json',
        });
        response.end(isText ? fault.body : JSON.stringify(fault.body));
      });
      return;
    case 'lose-answer':
      forward(target, request, response, () => {
        onFired();
        request.socket.destroy();
      });
      return;
    case 'silence':
      forward(target, request, response, onFired);
      return;
    case 'cut': {
      let bytes = 0;
      request.on('error', () => {});
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes < fault.afterBytes || request.destroyed) return;
        onFired();
        request.destroy();
      });
      return;
    }
    default:
      fault satisfies never;
  }
}

/** @param instead of passing the answer on, once it has come. */
function forward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  instead?: () => void,
): void {
  const { method, url = '', headers } = request;
  const upstream = httpRequest(target + url, { method, headers }, (answer) => {
    if (instead !== undefined) {
      answer.resume().on('end', instead);
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  request.on('error', () => upstream.destroy());
  request.pipe(upstream);
}

/** An error as Google's APIs send it. */
export function googleError(status: number, reason: string, message = reason): Fault {
  return {
    kind: 'answer',
    status,
    body: {
      error: {
        code: status,
        message,
        errors: [{ message, domain: 'global', reason }],
        status: status === 403 ? 'PERMISSION_DENIED' : 'UNKNOWN',
      },
    },
  };
}

export const QUOTA_EXCEEDED = googleError(
  403,
  'quotaExceeded',
  'Quota exceeded: Your table exceeded quota for imports or query appends per table. For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas',
);

export const RATE_LIMITED = googleError(
  403,
  'rateLimitExceeded',
  'Exceeded rate limits: too many table update operations for this table. For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas',
);
