import { ConfigError, PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

/** What S3 and its relatives call troubles of the moment, whatever status they come with. */
const PASSING = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'QuotaExceeded',
  'RequestTimeout',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  // Of a bucket so new that its name does not lead to its region yet.
  'TemporaryRedirect',
  'ConditionalRequestConflict',
  // Bytes that were damaged on their way: nothing was stored of them.
  'BadDigest',
  'InvalidDigest',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  // The parts of an upload are gone: it begins again.
  'NoSuchUpload',
  // The SDK's own
  'TimeoutError',
]);

const OF_NETWORK =
  /^(?:ECONN\w+|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EPROTO|ERR_STREAM_PREMATURE_CLOSE)$/;

const FORBIDDEN =
  'Allow the identity s3:ListBucket on the bucket, and s3:PutObject, s3:GetObject and s3:AbortMultipartUpload on its objects (docs/sinks/s3.md has the policy).';
const KEYS = 'Check s3_access_key_id and s3_secret_access_key, or the identity of the machine.';
const REGION = 'Set s3_region to the bucket’s region.';

const STOPPING: Readonly<Record<string, { readonly code: string; readonly remedy: string }>> = {
  NoSuchBucket: {
    code: 's3-bucket-missing',
    remedy:
      'Create the bucket that s3_bucket names. If it was deleted, its files are gone: a new one is another destination.',
  },
  AccessDenied: { code: 's3-forbidden', remedy: FORBIDDEN },
  Forbidden: { code: 's3-forbidden', remedy: FORBIDDEN },
  InvalidAccessKeyId: { code: 's3-unauthenticated', remedy: KEYS },
  SignatureDoesNotMatch: { code: 's3-unauthenticated', remedy: KEYS },
  ExpiredToken: { code: 's3-unauthenticated', remedy: KEYS },
  CredentialsProviderError: { code: 's3-unauthenticated', remedy: KEYS },
  TokenRefreshRequired: { code: 's3-unauthenticated', remedy: KEYS },
  RequestTimeTooSkewed: {
    code: 's3-unauthenticated',
    remedy: 'Correct the clock of this machine: requests carry its time.',
  },
  PermanentRedirect: { code: 's3-refused', remedy: REGION },
  AuthorizationHeaderMalformed: { code: 's3-refused', remedy: REGION },
};

/**
 * Credentials that are lent for hours, by a web identity or the machine, come late now and then: the next
 * request asks for them again. At the start there are none.
 */
const LENT = new Set(['ExpiredToken', 'CredentialsProviderError', 'TokenRefreshRequired']);

/** Of an answer without a body, and of stores that have names of their own. */
const NAMELESS: Readonly<Record<number, string>> = { 401: 'InvalidAccessKeyId', 403: 'Forbidden' };

/** The object is there already: of a create, not an error. */
export function isThere(error: unknown): boolean {
  return factsOf(error).status === 412;
}

/** Somebody else creates it at the same time. */
export function isConflict(error: unknown): boolean {
  return factsOf(error).name === 'ConditionalRequestConflict';
}

export function isAbsent(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 404 && name !== 'NoSuchBucket';
}

/** In our terms: again under the same name, or stop. */
export function inOurTerms(error: unknown, doing: string): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const { name, status, code, said } = factsOf(error);
  const shown = [status, name].filter((part) => part !== null).join(' ');
  const message = `${doing}: S3 says (${shown}) ${said}`;
  if (isPassing(name, status, code)) {
    return new RetryableError(message, { code: 's3-unavailable', cause: error });
  }
  const stopping = STOPPING[name] ?? STOPPING[NAMELESS[status ?? 0] ?? ''];
  if (stopping !== undefined && LENT.has(name)) {
    return new RetryableError(message, { ...stopping, cause: error });
  }
  return new PermanentError(message, {
    code: stopping?.code ?? 's3-refused',
    remedy:
      stopping?.remedy ?? `Look ${name} up in the store’s documentation; nothing was committed.`,
    cause: error,
  });
}

/** An error of the start: whoever typed the settings is still there to correct them. */
export function startError(error: unknown, doing: string): ScorelineError {
  const ours = inOurTerms(error, doing);
  if (ours.action !== 'stop' && !LENT.has(factsOf(error).name)) return ours;
  const { message, code, remedy, cause } = ours;
  return new ConfigError(`s3_bucket: ${message}`, { code, remedy, cause });
}

interface Facts {
  readonly name: string;
  readonly status: number | null;
  /** The system's, such as ECONNRESET. */
  readonly code: string;
  readonly said: string;
}

function factsOf(error: unknown): Facts {
  const { name, message, code, $metadata } = (error ?? {}) as Partial<{
    name: unknown;
    message: unknown;
    code: unknown;
    $metadata: { httpStatusCode?: number };
  }>;
  return {
    name: typeof name === 'string' ? name : 'Error',
    status: $metadata?.httpStatusCode ?? null,
    code: typeof code === 'string' ? code : '',
    said: typeof message === 'string' ? message : String(error),
  };
}

function isPassing(name: string, status: number | null, code: string): boolean {
  if (PASSING.has(name) || OF_NETWORK.test(code)) return true;
  if (status === null) return false;
  // 501 and 505 are no trouble of the moment.
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
