import { createHash, createHmac } from 'node:crypto';

export interface S3Request {
  readonly method: string;
  /** As it is sent, escaped: `/bucket/key`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const TIMEOUT_MS = 5_000;

/**
 * One request to the S3 of a stack, signed (AWS Signature Version 4). `env` is the stack's. For the stack
 * itself and what looks at it: the sink has a client of its own.
 */
export async function s3Request(
  env: Readonly<Record<string, string>>,
  { method, path, query = {}, headers = {}, body }: S3Request,
): Promise<Response> {
  const url = new URL(path, env['S3_ENDPOINT']);
  url.search = canonicalQuery(query);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const payload = sha256(body ?? '');
  const signed: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
  };
  const names = Object.keys(signed).toSorted();
  const request = [
    method,
    url.pathname,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const scope = [time.slice(0, 8), env['S3_REGION'] ?? '', 's3', 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n');
  let key: string | Buffer = `AWS4${env['S3_SECRET_ACCESS_KEY']}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const { host: _, ...sent } = signed;
  return fetch(url, {
    method,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 Credential=${env['S3_ACCESS_KEY_ID']}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
    body: body ?? null,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** As it is signed and as it is sent: by name, and everything escaped but letters, digits and `-._~`. */
function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const escape = (text: string): string =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return Object.keys(query)
    .toSorted()
    .map((name) => `${escape(name)}=${escape(query[name] ?? '')}`)
    .join('&');
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
