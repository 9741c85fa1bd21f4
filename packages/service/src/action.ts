import pino from 'pino';

import { givenSettings, secretsOf } from './config.ts';
import { ScorelineError } from './errors.ts';
import { createLog, type Logger } from './log.ts';
import type { ServiceConfig } from './service-settings.ts';

/** What a program does instead of its service when it is asked to by `--name`: it ends, and prints text. */
export interface Action<Context> {
  /** One sentence, for the help. */
  readonly description: string;
  /** Resolves with the code to exit with. */
  run(context: Context & ActionContext): Promise<number>;
}

export interface ActionContext {
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export type Actions<Context> = Readonly<Record<string, Action<Context>>>;

/** Standard output is for what an action prints, and its log says warnings only, unless log_level is set. */
export function actionLog(name: string, config: ServiceConfig): Logger {
  const log = createLog(name, config, pino.destination({ fd: 2, sync: true }));
  if (!givenSettings(config).includes('log_level')) log.level = 'warn';
  return log;
}

/** Resolves with the code to exit with. An error of ours is plain lines on standard error, like a wrong setting. */
export async function runAction<Context extends { readonly config: object; readonly log: Logger }>(
  name: string,
  action: Action<Context>,
  context: Context,
): Promise<number> {
  const { config, log } = context;
  const secrets = secretsOf(config);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const print = (line: string): void => void process.stdout.write(`${secrets.scrub(line)}\n`);
  try {
    return await action.run({ ...context, signal: stopping.signal, print });
  } catch (error) {
    if (stopping.signal.aborted) {
      process.stderr.write(`${name}: stopped\n`);
      return 1;
    }
    if (!(error instanceof ScorelineError)) {
      log.fatal({ err: error }, 'failed');
      return 1;
    }
    const lines = [`${name}: ${error.message}`, error.remedy].filter((line) => line !== undefined);
    process.stderr.write(`${secrets.scrub(lines.join('\n'))}\n`);
    return error.exitCode;
  }
}
