/** What an error of the client says, however it was wrapped. */
export interface ErrorFacts {
  /** HTTP's; null when nobody answered. */
  readonly status: number | null;
  /** Google's own, such as `rateLimitExceeded`; the system's, such as `ECONNRESET`; OAuth's, such as `invalid_grant`. */
  readonly reasons: readonly string[];
  readonly said: string;
}

/**
 * The client raises objects of five kinds: its ApiError, gaxios's and fetch's errors, a plain Error
 * when it gave up, and, in a resumable upload, the JSON of the answer itself.
 */
export function errorFacts(error: unknown): ErrorFacts {
  const reasons = new Set<string>();
  let status: number | null = null;
  let said = '';
  for (const one of withBodies(error)) {
    const code = one['code'] ?? one['status'];
    if (status === null && isStatus(code)) status = Number(code);
    else if (typeof code === 'string' && !isStatus(code)) reasons.add(code);
    const named = one['error'];
    if (typeof named === 'string') reasons.add(named);
    for (const item of listOf(one['errors'])) {
      const reason = item['reason'];
      if (typeof reason === 'string') reasons.add(reason);
    }
    const message = one['message'];
    if (said === '' && typeof message === 'string') said = message;
  }
  return { status, reasons: [...reasons], said: said === '' ? String(error) : said };
}

/** The error, what it carries of the answer, and its causes. */
function* withBodies(error: unknown, depth = 0): Generator<Readonly<Record<string, unknown>>> {
  if (!isObject(error) || depth > 5) return;
  yield error;
  const { response, data, cause } = error;
  for (const inner of [response, data, error['error'], cause]) yield* withBodies(inner, depth + 1);
}

function isStatus(code: unknown): boolean {
  return (typeof code === 'number' || typeof code === 'string') && /^[1-5]\d\d$/.test(String(code));
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
