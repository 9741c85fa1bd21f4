import { realpathSync } from 'node:fs';

import { actionLog, type Actions, runAction } from './action.ts';
import { type ActionSentences, help, parseCommandLine } from './command-line.ts';
import { describeSettings, givenSettings, loadConfig, secretsOf } from './config.ts';
import type { Config, Environment, SettingsShape } from './config.ts';
import { addedByEnvFiles, withEnvFiles } from './env-files.ts';
import { ConfigError } from './errors.ts';
import { createLog, type Logger } from './log.ts';
import { collectProcessMetrics, createMetrics, type Metrics } from './metrics.ts';
import type { Part } from './part.ts';
import { run } from './run.ts';
import type { ServiceConfig } from './service-settings.ts';
import { versionOf } from './version.ts';

export interface ServiceContext<C> {
  readonly config: C;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly version: string;
  /** What the `*.env` files of secrets_path give now, where nothing else does: a secret may be rotated there. */
  readonly secretFiles: () => Environment;
}

/**
 * A service's whole `main.ts`: reads the settings, builds the parts, runs them and exits. Wrong
 * settings are plain lines on standard error and exit code 2. With `--<action>` it runs that instead.
 */
export async function main<T extends SettingsShape>(
  name: string,
  settings: T,
  build: (context: ServiceContext<Config<T>>) => readonly Part[] | Promise<readonly Part[]>,
  actions: Actions<ServiceContext<Config<T>>> = {},
): Promise<void> {
  const version = versionOf(realpathSync(process.argv[1] ?? '.'));
  const { config, action: asked, secretFiles } = await read(name, version, settings, actions);
  const action = asked === null ? undefined : actions[asked];
  const log = action === undefined ? createLog(name, config) : actionLog(name, config);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    // Whatever state is left cannot be trusted to drain: a restart begins from what was committed.
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      process.exit(1);
    });
  }
  const metrics = createMetrics();
  const context = { config, log, metrics, version, secretFiles };
  if (action !== undefined) process.exit(await runAction(name, action, context));
  tellWhatChanged(settings, config, log);
  collectProcessMetrics(metrics);
  const parts = await asSettings(name, config, async () => build(context));
  process.exit(await run({ name, version, config, log, metrics, parts }));
}

interface Read<T extends SettingsShape> {
  readonly config: Config<T> & ServiceConfig;
  readonly action: string | null;
  readonly secretFiles: () => Environment;
}

function read<T extends SettingsShape>(
  name: string,
  version: string,
  settings: T,
  actions: ActionSentences,
): Promise<Read<T>> {
  return asSettings(name, {}, async () => {
    const command = parseCommandLine(settings, process.argv.slice(2), actions);
    switch (command.kind) {
      case 'help':
        process.stdout.write(help(name, settings, actions));
        return process.exit(0);
      case 'version':
        process.stdout.write(`${version}\n`);
        return process.exit(0);
      case 'action':
      case 'run': {
        const own = ownEnvironment(process.env, command.given);
        const folder = secretsFolder(own);
        return {
          config: loadConfig(settings, withEnvFiles(own, folder)) as Config<T> & ServiceConfig,
          action: command.kind === 'action' ? command.action : null,
          secretFiles: () => addedByEnvFiles(own, folder),
        };
      }
      default:
        return command satisfies never;
    }
  });
}

/** Before anything runs, wrong settings are for whoever typed them: plain lines, and exit code 2. */
async function asSettings<R>(name: string, config: object, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = [`${name}: ${error.message}`, error.remedy].filter((line) => line !== undefined);
    process.stderr.write(`${secretsOf(config).scrub(lines.join('\n'))}\n`);
    return process.exit(error.exitCode);
  }
}

/** The command line wins over the environment, and that over the folder of secrets. */
export function completeEnvironment(
  env: Environment,
  given: Readonly<Record<string, string>>,
): Environment {
  const own = ownEnvironment(env, given);
  return withEnvFiles(own, secretsFolder(own));
}

function ownEnvironment(env: Environment, given: Readonly<Record<string, string>>): Environment {
  const overridden = Object.entries(env).filter(([name]) => !(name.toLowerCase() in given));
  return { ...Object.fromEntries(overridden), ...given };
}

function secretsFolder(own: Environment): string {
  const folder = Object.entries(own).find(
    ([name, value]) => name.toLowerCase() === 'secrets_path' && value,
  );
  return folder?.[1] ?? '/vault/secrets';
}

/** An environment made for the archiver: what it set in vain there, or sets in vain here. */
function tellWhatChanged(settings: SettingsShape, config: object, log: Logger): void {
  const given = new Set(givenSettings(config));
  for (const { name, ignored, newlyEffective } of describeSettings(settings)) {
    if (!given.has(name)) continue;
    if (ignored !== undefined) log.info({ setting: name }, `${name} has no effect: ${ignored}`);
    if (newlyEffective)
      log.info({ setting: name }, `${name} takes effect; the archiver accepted and ignored it`);
  }
}
