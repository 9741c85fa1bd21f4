/** What an error asks of whoever caught it. Exit codes: 1 = stopped by an error, 2 = configuration. */
export type ErrorAction = 'retry' | 'stop' | 'configure' | 'poison';

export interface ErrorDetails {
  /** Stable, kebab-case, e.g. `source-rewound`: what alerts and the troubleshooting page name. */
  readonly code: string;
  /** What the operator should do next, as a sentence. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** Base of every error that Scoreline raises on purpose. */
export abstract class ScorelineError extends Error {
  abstract readonly action: ErrorAction;
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(message: string, { code, remedy, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = remedy;
  }

  get exitCode(): 1 | 2 {
    return this.action === 'configure' ? 2 : 1;
  }
}

/** The same call may succeed later: back off and try again, with the same identity. */
export class RetryableError extends ScorelineError {
  readonly action = 'retry' as const;
}

/** Going on could lose or repeat a row, or cannot work: say why and exit 1. */
export class PermanentError extends ScorelineError {
  readonly action = 'stop' as const;
}

/** A setting, or an object that a setting names, is wrong: say which and exit 2. */
export class ConfigError extends ScorelineError {
  readonly action = 'configure' as const;
}

export interface PoisonDetails extends ErrorDetails {
  /** Of the record, for whoever knows it. */
  readonly offset?: bigint | undefined;
  /** Which of the records that were to be written, from 0. */
  readonly row?: number | undefined;
}

/** One record cannot land. Says where it is, so that an operator can look at it, or what is around it can land. */
export class PoisonError extends ScorelineError {
  readonly action = 'poison' as const;
  readonly offset: bigint | undefined;
  readonly row: number | undefined;

  constructor(message: string, details: PoisonDetails) {
    super(message, details);
    this.offset = details.offset;
    this.row = details.row;
  }
}
