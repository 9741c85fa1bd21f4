import { describeSettings, type SettingDescription } from '@scoreline/service';

import type { ServiceSettings } from './catalog.ts';
import { code, table } from './table.ts';

const PREFACE = `# 4. Configuration

_Written by \`npm run docs\` from the settings in the code: change it there._

Every setting is an environment variable of the same name, in any case: \`TOPIC_PREFIX\` and
\`topic_prefix\` are one setting, and refused when both are set to different values. An empty value is an
unset one. All but the secrets can be given on the command line too, and win there:
\`--topic-prefix beta.\`. \`--help\` prints what a service takes.

- Files \`*.env\` in \`secrets_path\` (\`KEY=VALUE\` lines, an optional \`export\`, single or double quotes)
  complete the environment, which wins. Nothing in them is executed or expanded.
- Durations are written as in Go: \`500ms\`, \`10m\`, \`1h30m\`. Sizes count in 1000 (\`32MB\`) or in 1024
  (\`32MiB\`).
- Whatever is wrong is told at once, by name, and the service exits with 2. Secrets are never shown: not
  in logs, not in errors, not on /status.`;

/** docs/4-configuration.md: what all services share, then each service's own. */
export function configurationPage(services: readonly ServiceSettings[]): string {
  const described = services.map(({ service, settings, actions = {} }) => ({
    service,
    actions: Object.entries(actions),
    all: describeSettings(settings),
  }));
  const shared = (described[0]?.all ?? []).filter((setting) =>
    described.every(({ all }) => all.some((other) => isSame(other, setting))),
  );
  const sharedNames = new Set(shared.map(({ name }) => name));
  return (
    [
      PREFACE,
      section('Every service', shared),
      ...described.flatMap(({ service, actions, all }) => [
        section(
          service,
          all.filter(({ name }) => !sharedNames.has(name)),
        ),
        ...(actions.length > 0 ? [instead(actions)] : []),
      ]),
    ].join('\n\n') + '\n'
  );
}

function section(title: string, settings: readonly SettingDescription[]): string {
  const effective = settings.filter(({ ignored }) => ignored === undefined);
  const ignored = settings.filter((setting) => setting.ignored !== undefined);
  const parts = [
    `## ${title}`,
    table(['setting', 'type', 'default', 'meaning'], effective.map(row)),
  ];
  if (ignored.length > 0) {
    parts.push(
      'Settings of the archiver that are accepted and have no effect, which start-up says:',
      table(
        ['setting', 'why'],
        ignored.map(({ name, description }) => [code(name), description]),
      ),
    );
  }
  return parts.join('\n\n');
}

function instead(
  actions: readonly (readonly [string, { readonly description: string }])[],
): string {
  const rows = actions.map(([name, { description }]) => [code(`--${name}`), description]);
  return `Instead of the service, its program does one thing and exits:\n\n${table(['option', 'what it does'], rows)}`;
}

function row(setting: SettingDescription): string[] {
  const flag = setting.flag === undefined ? '' : ` (\`-${setting.flag}\`)`;
  const type = `${setting.type}${setting.secret ? ', secret' : ''}`;
  const changed = setting.newlyEffective ? ' The archiver accepted this and ignored it.' : '';
  return [`${code(setting.name)}${flag}`, type, defaultOf(setting), setting.description + changed];
}

function defaultOf({ required, secret, default: value }: SettingDescription): string {
  if (secret) return required ? '**required**' : '';
  if (required) return '**required**';
  if (value === undefined) return '';
  return value === '' ? 'empty' : code(value);
}

function isSame(one: SettingDescription, other: SettingDescription): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
