import { ApiError, errorOf } from './api-error.ts';
import { type Credentials, googleCredentials, noCredentials } from './credentials.ts';

const PUBLIC_ENDPOINT = 'https://bigquery.googleapis.com';
const TIMEOUT_MS = 60_000;

export interface ApiOptions {
  readonly project: string;
  readonly endpoint?: string | undefined;
  /** File with credentials; without it the library looks for them. */
  readonly keyFile?: string | undefined;
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  /** Below the project: `jobs/x`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Upload extends Pick<ApiRequest, 'path' | 'signal'> {
  readonly contentType: string;
  readonly parts: AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
}

/**
 * BigQuery's REST interface. Credentials are the client library's business; requests are not, since
 * its uploads can be neither aborted nor given a time, and an answer that does not come would hold a
 * partition for ever. Nothing is retried here: the services have one policy for that, and a load job
 * one name for all its repeats.
 */
export class BigQueryApi {
  readonly project: string;
  readonly #endpoint: string;
  readonly #credentials: Credentials;

  constructor({ project, endpoint = PUBLIC_ENDPOINT, keyFile }: ApiOptions) {
    this.project = project;
    this.#endpoint = endpoint;
    this.#credentials = endpoint.startsWith('http:')
      ? noCredentials
      : googleCredentials(project, keyFile);
  }

  /** @throws ApiError, or the signal's reason. */
  async send<T>({ method = 'GET', path, query, body, headers, signal }: ApiRequest): Promise<T> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    return this.#exchange<T>(`/bigquery/v2/projects/${this.project}/${path}${search}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      timeoutMs: TIMEOUT_MS,
    });
  }

  /** One request whose body is made while it is sent. @throws ApiError, or the signal's reason. */
  async upload<T>({ path, contentType, parts, signal, timeoutMs }: Upload): Promise<T> {
    return this.#exchange<T>(
      `/upload/bigquery/v2/projects/${this.project}/${path}?uploadType=multipart`,
      {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: parts,
        duplex: 'half',
        signal,
        timeoutMs,
      },
    );
  }

  async #exchange<T>(
    path: string,
    { timeoutMs, signal, ...init }: RequestInit & { signal: AbortSignal; timeoutMs: number },
  ): Promise<T> {
    signal.throwIfAborted();
    let status: number;
    let text: string;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const credentials = await within(this.#credentials().catch(refusedToken), limit);
      const response = await fetch(this.#endpoint + path, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...credentials },
        signal: limit,
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ApiError) throw cause;
      throw new ApiError(whyOf(cause), { status: null, reason: '', cause });
    }
    if (status < 200 || status >= 300) throw errorOf(status, text);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      // Of what was asked we know nothing: as if no answer had come.
      const shown = `no JSON but ${JSON.stringify(text.slice(0, 100))}`;
      throw new ApiError(shown, { status: null, reason: '', cause });
    }
  }
}

/** That a key, or who has it, is not accepted any more (RFC 6749, section 5.2): asking again does not help. */
const REFUSED_TOKEN = /\b(?:invalid_grant|invalid_client|unauthorized_client)\b/;

function refusedToken(cause: unknown): never {
  const message = whyOf(cause);
  if (!REFUSED_TOKEN.test(message)) throw cause;
  throw new ApiError(`no token: ${message}`, { status: 401, reason: 'unauthenticated', cause });
}

/** For what takes no signal: it goes on, and nobody waits for it. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject);
  });
}

/** fetch hides the reason in the cause. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
