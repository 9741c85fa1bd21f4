import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ConfigError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Part } from './part.ts';
import type { ServiceConfig } from './service-settings.ts';

/** What the endpoints tell about the process. */
export interface Health {
  /** Why the service is not ready; empty when it is. */
  notReady(): readonly string[];
  status(): Record<string, unknown>;
}

/** `/livez /readyz /metrics /status` of one process: started first, stopped last. */
export class HttpServer implements Part {
  readonly name = 'http';
  readonly #config: ServiceConfig;
  readonly #log: Logger;
  readonly #routes: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>>;
  #server: Server | undefined;

  constructor(
    config: ServiceConfig,
    {
      log,
      metrics,
      health,
      scrub,
    }: { log: Logger; metrics: Metrics; health: Health; scrub: (text: string) => string },
  ) {
    this.#config = config;
    this.#log = log;
    this.#routes = {
      '/livez': (response) => answer(response, 200, 'alive\n'),
      '/readyz': (response) => {
        const reasons = health.notReady();
        if (reasons.length === 0) answer(response, 200, 'ready\n');
        else answer(response, 503, scrub(`${reasons.join('\n')}\n`));
      },
      '/metrics': async (response) => {
        answer(response, 200, await metrics.registry.metrics(), metrics.registry.contentType);
      },
      '/status': (response) => {
        const body = JSON.stringify(health.status(), bigintAsText, 2);
        answer(response, 200, `${scrub(body)}\n`, 'application/json');
      },
    };
  }

  async start(): Promise<void> {
    const { http_host: host, http_port: port } = this.#config;
    const server = createServer((request, response) => {
      void this.#handle(request.method ?? '', request.url ?? '/', response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(cannotListen(error, this.#config)),
      );
      server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
    this.#server = server;
    this.#log.info({ url: this.url }, 'http listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** Where the server listens, such as `http://127.0.0.1:8080`. */
  get url(): string | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (!address) return undefined;
    const host = ['::', '0.0.0.0'].includes(address.address) ? '127.0.0.1' : address.address;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async #handle(method: string, url: string, response: ServerResponse): Promise<void> {
    const route = this.#routes[url.split('?', 1)[0] ?? ''];
    try {
      if (!route) answer(response, 404, `${Object.keys(this.#routes).join('\n')}\n`);
      else if (method !== 'GET' && method !== 'HEAD') answer(response, 405, 'GET only\n');
      else await route(response);
    } catch (error) {
      this.#log.error({ err: error, url }, 'answering a request failed');
      answer(response, 500, 'the log tells why\n');
    }
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function cannotListen(
  error: NodeJS.ErrnoException,
  { http_host, http_port }: ServiceConfig,
): ConfigError {
  const inUse = error.code === 'EADDRINUSE';
  const where = http_host === undefined ? '' : ` of http_host ${http_host}`;
  return new ConfigError(
    inUse
      ? `http_port: ${http_port}${where} is in use by another process`
      : `http_host, http_port: cannot listen on port ${http_port}${where}: ${error.message}`,
    {
      code: inUse ? 'port-in-use' : 'cannot-listen',
      remedy: 'Set http_port to a free port, or to 0 to have one chosen.',
      cause: error,
    },
  );
}
