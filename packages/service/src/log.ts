import pino from 'pino';

import { secretsOf } from './config.ts';
import { ScorelineError } from './errors.ts';
import { REDACTED } from './secrets.ts';

export type Logger = pino.Logger;

/** Keys whose values are hidden wherever they stand, for secrets that no setting of ours holds. */
const SECRET_KEY =
  /^(?:pass|password|passwd|secret|token|authorization)$|(?:_|-)(?:password|secret|dsn)$/i;

const DEEPEST = 10;

/**
 * JSON lines on standard output. Secrets of the config do not get through, wherever they are:
 * the finished line is searched for them.
 */
export function createLog(
  name: string,
  config: { readonly log_level: string },
  destination: pino.DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  const secrets = secretsOf(config);
  return pino(
    {
      name,
      level: config.log_level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => hideKeys(fields) },
      serializers: { err: errorFields, error: errorFields },
      hooks: { streamWrite: (line) => secrets.scrubJson(line) },
    },
    destination,
  );
}

/** What an error says, its code and remedy, and the same of its causes. Drivers' other fields can hold rows: they stay out. */
export function errorFields(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, errno, sqlState, type } = error as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({
      name: error.name,
      message: error.message,
      code,
      errno,
      sqlState,
      type,
      action: error instanceof ScorelineError ? error.action : undefined,
      remedy: error instanceof ScorelineError ? error.remedy : undefined,
      stack: error instanceof ScorelineError ? undefined : error.stack,
      cause:
        error.cause === undefined || depth >= DEEPEST
          ? undefined
          : errorFields(error.cause, depth + 1),
    }).filter(([, value]) => value !== undefined),
  );
}

function hideKeys(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (SECRET_KEY.test(key) && value !== undefined) return [key, REDACTED];
      return [key, isPlain(value) && depth < DEEPEST ? hideKeys(value, depth + 1) : value];
    }),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
