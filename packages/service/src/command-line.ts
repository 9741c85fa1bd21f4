import { parseArgs } from 'node:util';

import { describeSettings, wrongSettings, type SettingsShape } from './config.ts';

export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'run'; readonly given: Readonly<Record<string, string>> };

/** `--topic-prefix beta. -t log_scores --help`: every setting but the secret ones, which `ps` would show. */
export function parseCommandLine(settings: SettingsShape, argv: readonly string[]): CommandLine {
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
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
    const { help, version, ...given } = values;
    if (help) return { kind: 'help' };
    if (version) return { kind: 'version' };
    return { kind: 'run', given: given };
  } catch (error) {
    throw wrongSettings([`command line: ${(error as Error).message}`]);
  }
}

export function help(name: string, settings: SettingsShape): string {
  const lines = describeSettings(settings).map((setting) => {
    const value = setting.required ? 'required' : `default: ${setting.default ?? 'none'}`;
    return `  ${setting.name} (${setting.type.replaceAll('`', '')}; ${value})\n      ${setting.description}`;
  });
  return [
    `Scoreline ${name}. Every setting is read from the environment, in any case; most can be given`,
    'as --name value too.',
    '',
    ...lines,
    '',
  ].join('\n');
}

function underscored(arg: string): string {
  const [name = '', ...value] = arg.slice(2).split('=');
  return `--${[name.replaceAll('-', '_'), ...value].join('=')}`;
}
