import { ConfigError, PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

import { errorFacts } from './error-facts.ts';

/** Too many requests at the moment, which Google says with 403 as well as with 429. */
const PASSING_REASONS = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'dailyLimitExceeded',
  'backendError',
  'internalError',
]);

/** No connection, or none any more. */
const OF_NETWORK =
  /^(?:ECONN\w+|ETIMEDOUT|ESOCKETTIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|ERR_STREAM_PREMATURE_CLOSE|ERR_SOCKET\w*|UND_ERR\w*)$/;
const SAID_OF_NETWORK =
  /socket hang up|premature close|network|timed? ?out|retry (?:total time )?limit exceeded|aborted/i;

/** A session of a resumable upload is over, or does not stand where the client takes it to stand: a new one begins from the start. */
const SESSION_OVER =
  /^Upload failed$|offset is lower than the number of bytes written|crc32c.*(?:match|mismatch)/i;

/** Bytes that were damaged on their way: nothing was stored of them, and here they are still right. */
const DAMAGED = /crc32c.*(?:match|mismatch)/i;

const NO_CREDENTIALS = /could not load the default credentials|unable to detect a project id/i;

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'Look at the message; where a requester pays, gc_project must name who.',
  401: 'Check google_application_credentials, or the identity of the machine.',
  403: 'Grant the identity roles/storage.objectCreator and roles/storage.objectViewer on the bucket, and roles/serviceusage.serviceUsageConsumer on gc_project.',
  404: 'Create the bucket that gc_bucket names. If it was deleted, its files are gone: a new one is another destination.',
};

const CODES: Readonly<Record<number, string>> = {
  401: 'gcs-unauthenticated',
  403: 'gcs-forbidden',
  404: 'gcs-bucket-missing',
};

/** The object is there already: of a create, not an error. */
export function isThere(error: unknown): boolean {
  return errorFacts(error).status === 412;
}

export function isAbsent(error: unknown): boolean {
  return errorFacts(error).status === 404;
}

/** Of a large upload: its session cannot be gone on with. */
export function isSessionOver(error: unknown): boolean {
  const { status, said } = errorFacts(error);
  return status === 404 || status === 410 || SESSION_OVER.test(said);
}

/** In our terms: again under the same name, or stop. */
export function inOurTerms(error: unknown, doing: string): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const { status, reasons, said } = errorFacts(error);
  const [reason] = reasons;
  const shown = [status, ...reasons].filter((part) => part !== null).join(' ');
  const message = `${doing}: Cloud Storage says ${shown === '' ? '' : `(${shown}) `}${said}`;
  if (NO_CREDENTIALS.test(said) || reasons.includes('invalid_grant')) {
    return new PermanentError(message, {
      code: 'gcs-unauthenticated',
      remedy: REMEDIES[401],
      cause: error,
    });
  }
  if (isPassing(status, reasons, said)) {
    return new RetryableError(message, { code: 'gcs-unavailable', cause: error });
  }
  return new PermanentError(message, {
    code: CODES[status ?? 0] ?? 'gcs-refused',
    remedy:
      REMEDIES[status ?? 0] ??
      `Look ${reason ?? 'the message'} up in Cloud Storage’s documentation; nothing was committed.`,
    cause: error,
  });
}

/** An error of the start: whoever typed the settings is still there to correct them. */
export function startError(error: unknown, doing: string): ScorelineError {
  const ours = inOurTerms(error, doing);
  if (ours.action !== 'stop') return ours;
  const { message, code, remedy, cause } = ours;
  return new ConfigError(`gc_bucket: ${message}`, { code, remedy, cause });
}

function isPassing(status: number | null, reasons: readonly string[], said: string): boolean {
  if (SESSION_OVER.test(said) || (status === 400 && DAMAGED.test(said))) return true;
  if (reasons.some((reason) => PASSING_REASONS.has(reason))) return true;
  if (status === null) {
    return reasons.some((reason) => OF_NETWORK.test(reason)) || SAID_OF_NETWORK.test(said);
  }
  // 501 and 505 are no trouble of the moment.
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
