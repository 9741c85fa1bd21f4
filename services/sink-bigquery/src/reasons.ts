import { ConfigError, PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

import { ApiError } from './api-error.ts';

/**
 * What BigQuery's word for an error asks for
 * (https://cloud.google.com/bigquery/docs/error-messages): the same again; the same after seconds;
 * the same after minutes and more slowly; it is not there; it is there already; stop.
 */
export type Verdict = 'again' | 'rate' | 'quota' | 'absent' | 'exists' | 'refused';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  backendError: 'again',
  internalError: 'again',
  jobBackendError: 'again',
  jobInternalError: 'again',
  tableUnavailable: 'again',
  timeout: 'again',
  // The job was cancelled, by us or by somebody.
  stopped: 'again',
  // A token that has ended on the way. The next request brings a new one.
  authError: 'again',
  rateLimitExceeded: 'rate',
  jobRateLimitExceeded: 'rate',
  userRateLimitExceeded: 'rate',
  quotaExceeded: 'quota',
  dailyLimitExceeded: 'quota',
  notFound: 'absent',
  duplicate: 'exists',
  // These come with a status that would mean: again.
  notImplemented: 'refused',
  // Our own word: the token service does not accept who we are.
  unauthenticated: 'refused',
};

/** Of a request: who knows no reason of it may still know its status. */
export function verdictOf({ status, reason }: Pick<ApiError, 'status' | 'reason'>): Verdict {
  const verdict = VERDICTS[reason];
  if (verdict !== undefined) return verdict;
  if (status === 429) return 'rate';
  if (status === null || status >= 500 || status === 401 || status === 408) return 'again';
  // Whoever stands between us and BigQuery says 404 too. BigQuery says why.
  if (status === 404) return 'again';
  return 'refused';
}

/** Of a job that has ended with an error: whether another one may go better. */
export function failureOf(reason: string): 'again' | 'rate' | 'quota' | 'refused' {
  const verdict = VERDICTS[reason];
  return verdict === 'again' || verdict === 'rate' || verdict === 'quota' ? verdict : 'refused';
}

const REMEDIES: Readonly<Record<string, string>> = {
  accessDenied:
    'Grant the service account what docs/sinks/bigquery.md lists: dataEditor on the dataset, user on the project.',
  unauthenticated:
    'Check google_application_credentials, or the identity of the machine: the key was revoked, or the account deleted or disabled.',
  billingNotEnabled: 'Enable billing for the project: load jobs need it, though they cost nothing.',
  billingTierLimitExceeded: 'Look at the project’s billing.',
  blocked: 'Google has blocked the project: contact their support.',
  notFound:
    'The dataset or the table was dropped. Bring it back; a new one is another destination.',
  invalid:
    'The table has changed under the sink, or BigQuery does not take what it sends: look at the job with `bq show -j`, and start the sink again, which checks the table.',
  quotaExceeded: 'Look at bq_jobs_per_day, and at who else loads into the table.',
};

const DEFAULT_REMEDY =
  'Look the reason up in https://cloud.google.com/bigquery/docs/error-messages; nothing was committed.';

/** `bigquery-quota-exceeded`: BigQuery's word, as our codes are written. */
export function codeOf(reason: string): string {
  return `bigquery-${reason.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The same in our terms: again, or stop. */
export function inOurTerms(error: unknown, doing: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, reason } = error;
  const message = `${doing}: BigQuery says ${error.message}`;
  if (status === null) {
    return new RetryableError(`${doing}: no answer from BigQuery (${error.message})`, {
      code: 'bigquery-unreachable',
      remedy: 'Check bq_api_endpoint, and the way to it.',
      cause: error,
    });
  }
  const code = reason === '' ? `bigquery-http-${status}` : codeOf(reason);
  const verdict = verdictOf(error);
  if (verdict === 'again' || verdict === 'rate' || verdict === 'quota') {
    return new RetryableError(message, { code, remedy: REMEDIES[reason], cause: error });
  }
  return new PermanentError(message, {
    code,
    remedy: REMEDIES[reason] ?? DEFAULT_REMEDY,
    cause: error,
  });
}

/** The error of a job that has failed: another one, or stop. */
export function jobFailed(jobId: string, reason: string, said: string): ScorelineError {
  const message = `load job ${jobId} has failed: ${reason}: ${said}`;
  const details = { code: codeOf(reason), remedy: REMEDIES[reason] ?? DEFAULT_REMEDY };
  return failureOf(reason) === 'refused'
    ? new PermanentError(message, details)
    : new RetryableError(message, details);
}

/** What the settings name is not there, or refuses us, or nobody answers there. */
const OF_SETTINGS = new Set([
  'bigquery-unreachable',
  'bigquery-access-denied',
  'bigquery-not-found',
  'bigquery-auth-error',
  'bigquery-unauthenticated',
  'bigquery-http-401',
  'bigquery-http-403',
  'bigquery-http-404',
]);

/** An error of the start: whoever typed the settings is still there to correct them. */
export function startError(error: unknown, doing: string, settings: string): unknown {
  const ours = inOurTerms(error, doing);
  if (!(ours instanceof ScorelineError) || ours.action === 'configure') return ours;
  if (!OF_SETTINGS.has(ours.code)) return ours;
  const { message, code, remedy, cause } = ours;
  return new ConfigError(`${settings}: ${message}`, { code, remedy, cause });
}
