import { refusal, RegistryError, unavailable } from './registry-error.ts';

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const TIMEOUT_MS = 10_000;

export interface RegistryOptions {
  /** Credentials in it count when none are given beside it. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface RegistryRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  /** For errors, completes "the registry refuses". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request, one answer, one kind of error. The registry's REST interface is spoken here and not
 * through a client: the one for kafkajs has no timeout, takes no signal, refuses to change a
 * subject's compatibility, and gives no schema back as it was registered. Nothing is retried: the
 * services have one policy for that.
 */
export class RegistryHttp {
  /** Without credentials, for messages. */
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url: given, username, password }: RegistryOptions) {
    const url = new URL(given);
    const user = username ?? decodeURIComponent(url.username);
    const secret = username === undefined ? decodeURIComponent(url.password) : (password ?? '');
    url.username = '';
    url.password = '';
    this.url = url.href.replace(/\/+$/, '');
    this.#headers = {
      accept: `${CONTENT_TYPE}, application/json`,
      'content-type': CONTENT_TYPE,
      ...(user === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }),
    };
  }

  /**
   * The answer's JSON; null where the registry says that it has no such thing.
   *
   * @throws RegistryError, or the signal's reason.
   */
  async send(request: RegistryRequest): Promise<unknown> {
    const { what } = request;
    const { status, text } = await this.#exchange(request);
    const json = parse(text);
    if (status >= 200 && status < 300) {
      if (typeof json === 'object' && json !== null) return json;
      throw this.#nothingOfARegistry(what, status, text);
    }
    const { error_code: code, message } = (json ?? {}) as {
      error_code?: unknown;
      message?: unknown;
    };
    if (status === 404) {
      // Anything that listens says 404. A registry says why.
      if (typeof code === 'number') return null;
      throw this.#nothingOfARegistry(what, status, text);
    }
    throw refusal(
      this.url,
      what,
      status,
      typeof message === 'string' ? message : text.slice(0, 200),
    );
  }

  async #exchange({ method, path, body, what, signal }: RegistryRequest) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(this.url + path, {
        method,
        headers: this.#headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw unavailable(this.url, what, reasonOf(error), error);
    }
  }

  #nothingOfARegistry(what: string, status: number, text: string): RegistryError {
    return refusal(this.url, what, status < 400 ? 404 : status, text.slice(0, 200) || 'no content');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (!(error.cause instanceof Error)) return error.message;
  const { code } = error.cause as NodeJS.ErrnoException;
  return error.cause.message || code || error.message;
}
