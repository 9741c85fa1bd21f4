/** An answer that is no success, or that did not come. */
export class ApiError extends Error {
  /** Of HTTP; null when nobody has answered. */
  readonly status: number | null;
  /** BigQuery's own word, such as `quotaExceeded`; empty when it was not BigQuery that answered. */
  readonly reason: string;

  constructor(
    message: string,
    { status, reason, cause }: { status: number | null; reason: string; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
  }
}

interface ErrorBody {
  readonly error?: {
    readonly message?: unknown;
    readonly errors?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
  };
}

const SHOWN = 300;

/** What an answer with an error status says. Anything may stand between us and BigQuery, and answer in HTML. */
export function errorOf(status: number, text: string): ApiError {
  const { message, errors } = parse(text)?.error ?? {};
  const reason = errors?.[0]?.reason;
  const said = typeof message === 'string' ? message : text.slice(0, SHOWN);
  return new ApiError(`HTTP ${status}${typeof reason === 'string' ? ` ${reason}` : ''}: ${said}`, {
    status,
    reason: typeof reason === 'string' ? reason : '',
  });
}

function parse(text: string): ErrorBody | null {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return null;
  }
}
