import type { CannedAnswer } from '@scoreline/testing';

/** An answer in JSON, or a page of whoever stands in between. */
export function answer(status: number, body: unknown): CannedAnswer {
  const isText = typeof body === 'string';
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': isText ? 'text/html' : 'application/json' },
    body: isText ? body : JSON.stringify(body),
  };
}

/** An error as Google's APIs send it. */
export function googleError(status: number, reason: string, message = reason): CannedAnswer {
  return answer(status, {
    error: {
      code: status,
      message,
      errors: [{ message, domain: 'global', reason }],
      status: status === 403 ? 'PERMISSION_DENIED' : 'UNKNOWN',
    },
  });
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
