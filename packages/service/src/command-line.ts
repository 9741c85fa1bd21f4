import { parseArgs } from 'node:util';

import { describeSettings, wrongSettings, type SettingsShape } from './config.ts';

export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'action';
      readonly action: string;
      readonly given: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'run'; readonly given: Readonly<Record<string, string>> };

/** By their names on the command line, `verify-ledger`: what a program does instead of its service. */
export type ActionSentences = Readonly<Record<string, { readonly description: string }>>;

/** `--topic-prefix beta. -t log_scores --help`: every setting but the secret ones, which `ps` would show. */
export function parseCommandLine(
  settings: SettingsShape,
  argv: readonly string[],
  actions: ActionSentences = {},
): CommandLine {
  const offered = describeSettings(settings).filter((setting) => !setting.secret);
  const options = Object.fromEntries(
    offered.map(({ name, flag }) => [
      name,
      { type: 'string' as const, ...(flag === undefined ? {} : { short: flag }) },
    ]),
  );
  try {
    const { values } = parseArgs({
      args: argv.map((arg) => (arg.startsWith('--') ? underscored(arg) : arg)),
      options: {
        ...options,
        ...Object.fromEntries(
          Object.keys(actions).map((name) => [snake(name), { type: 'boolean' as const }]),
        ),
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
    const { help, version, ...rest } = values as Record<string, string | true | undefined>;
    if (help) return { kind: 'help' };
    if (version) return { kind: 'version' };
    const asked = Object.keys(actions).filter((action) => rest[snake(action)] === true);
    const given = Object.fromEntries(
      Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== true),
    );
    const [action, another] = asked;
    if (another !== undefined) throw new Error(`--${action} and --${another} are two things to do`);
    return action === undefined ? { kind: 'run', given } : { kind: 'action', action, given };
  } catch (error) {
    throw wrongSettings([`command line: ${(error as Error).message}`]);
  }
}

export function help(name: string, settings: SettingsShape, actions: ActionSentences = {}): string {
  const instead = Object.entries(actions).map(
    ([action, { description }]) => `  --${action}\n      ${description}`,
  );
  const lines = describeSettings(settings).map((setting) => {
    const value = setting.required ? 'required' : `default: ${setting.default ?? 'none'}`;
    return `  ${setting.name} (${setting.type.replaceAll('`', '')}; ${value})\n      ${setting.description}`;
  });
  return [
    `Scoreline ${name}. Every setting is read from the environment, in any case; most can be given`,
    'as --name value too.',
    '',
    ...(instead.length > 0
      ? ['Instead of the service, it does one thing and exits:', ...instead]
      : []),
    ...(instead.length > 0 ? ['', 'Settings:'] : []),
    ...lines,
    '',
  ].join('\n');
}

function underscored(arg: string): string {
  const [name = '', ...value] = arg.slice(2).split('=');
  return `--${[snake(name), ...value].join('=')}`;
}

function snake(name: string): string {
  return name.replaceAll('-', '_');
}
