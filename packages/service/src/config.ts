import type { z } from 'zod';

import { ConfigError } from './errors.ts';
import { Secrets } from './secrets.ts';
import { factsOf, sentenceOf, type SettingFacts } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type SettingsShape = z.ZodObject;
export type Config<T extends SettingsShape> = z.infer<T>;

export interface SettingDescription extends SettingFacts {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/**
 * Reads every setting from the environment, by its name in any case. An empty value is an unset one.
 * What else the environment holds is none of our business.
 *
 * @throws ConfigError that lists everything that is wrong, each with the setting's name and what was
 * seen, unless it is a secret.
 */
export function loadConfig<T extends SettingsShape>(settings: T, env: Environment): Config<T> {
  const values = settingsIn(env, Object.keys(settings.shape));
  const parsed = settings.safeParse(values.found);
  const problems = [
    ...values.conflicts,
    ...(parsed.success
      ? []
      : parsed.error.issues.map((issue) => sentence(issue, settings, values.found))),
  ];
  if (problems.length > 0 || !parsed.success) throw wrongSettings(problems);
  remember(parsed.data, settings, values.found);
  return parsed.data;
}

/** The secrets among a config's values. The same object for the life of the process. */
export function secretsOf(config: object): Secrets {
  const known = secrets.get(config);
  if (known) return known;
  const none = new Secrets();
  secrets.set(config, none);
  return none;
}

/** The names of the settings that the environment, and not a default, decided. */
export function givenSettings(config: object): readonly string[] {
  return given.get(config) ?? [];
}

export function describeSettings(settings: SettingsShape): SettingDescription[] {
  return Object.entries(settings.shape).map(([name, schema]) => ({
    ...factsOf(schema),
    name,
    description: sentenceOf(schema),
    required: !schema.safeParse(undefined).success,
  }));
}

export function wrongSettings(problems: readonly string[]): ConfigError {
  const title =
    problems.length === 1 ? 'a setting is wrong' : `${problems.length} settings are wrong`;
  return new ConfigError([`${title}:`, ...problems.map((problem) => `  ${problem}`)].join('\n'), {
    code: 'settings',
    remedy: 'Set them in the environment; docs/4-configuration.md describes each one.',
  });
}

const secrets = new WeakMap<object, Secrets>();
const given = new WeakMap<object, readonly string[]>();

interface Found {
  readonly found: Record<string, string>;
  readonly conflicts: string[];
}

function settingsIn(env: Environment, names: readonly string[]): Found {
  const known = new Set(names);
  const found: Record<string, string> = {};
  const seenAs: Record<string, string> = {};
  const conflicts: string[] = [];
  for (const [variable, value] of Object.entries(env)) {
    const name = variable.toLowerCase();
    if (!known.has(name) || value === undefined || value === '') continue;
    if (found[name] !== undefined && found[name] !== value) {
      conflicts.push(
        `${name}: ${seenAs[name]} and ${variable} are set to different values; keep one`,
      );
    }
    found[name] = value;
    seenAs[name] = variable;
  }
  return { found, conflicts };
}

function sentence(
  issue: z.core.$ZodIssue,
  settings: SettingsShape,
  found: Record<string, string>,
): string {
  const name = issue.path[0]?.toString();
  const schema = name === undefined ? undefined : settings.shape[name];
  const complete = issue.code === 'custom' && issue.params?.['complete'] === true;
  if (name === undefined || schema === undefined || complete) return issue.message;
  const seen = found[name];
  if (seen === undefined) return `${name}: ${issue.message}`;
  return `${name}: ${issue.message}, got ${factsOf(schema).secret ? 'a secret value' : JSON.stringify(seen)}`;
}

function remember(config: object, settings: SettingsShape, found: Record<string, string>): void {
  const values = new Secrets();
  for (const [name, schema] of Object.entries(settings.shape)) {
    const value = found[name];
    if (value !== undefined && factsOf(schema).secret) values.add(value);
  }
  secrets.set(config, values);
  given.set(config, Object.keys(found));
}
