import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { type Logger, type RuleProblem, secretsOf, wrongSettings } from '@scoreline/service';

import { type DatabaseYaml, DatabaseYamlError, findDatabaseYaml } from './database-yaml.ts';
import { type Dsn, DSN_FORM, DsnError, parseDsn } from './dsn.ts';

/**
 * The source: where the database is, who we are there, and which table is meant. A value, so that a
 * reload makes a new one and whoever connects next uses it.
 */
export interface Source extends Dsn {
  readonly table: string;
  /** What the ts column means; undefined = UTC, and the server must agree. */
  readonly timeZone: string | undefined;
  /** PEM of the authority that tls=true trusts. */
  readonly tlsCa: string | undefined;
  /** Where the DSN was found: `database_dsn` or a file. */
  readonly origin: string;
}

export interface SourceSettings {
  readonly database_dsn?: string | undefined;
  readonly database_tls_ca?: string | undefined;
  readonly secrets_path?: string | undefined;
  readonly table?: string | undefined;
  readonly app_default_table?: string | undefined;
  readonly app_valid_tables?: readonly string[] | undefined;
  readonly source_time_zone?: string | undefined;
}

/** @throws ConfigError when anything about it is wrong. Its password is a secret of the config from now on. */
export function sourceOf(config: SourceSettings & object): Source {
  return foundSource(config).source;
}

/** The same, with the file that had a part in it. */
export function foundSource(config: SourceSettings & object): FoundSource {
  const { source, file, problems } = resolveSource(config);
  if (!source) throw wrongSettings(problems.map((problem) => problem.message));
  hidePassword(config, source);
  return { source, file: file ?? null };
}

/** From now on no log line shows it. */
export function hidePassword(config: object, { user, password }: Source): void {
  if (password !== user) secretsOf(config).add(password);
}

/** `user@host:port/database.table`, for logs: without the password. */
export function sourceLabel(source: Source): string {
  const where = source.socketPath ?? `${source.host}:${source.port}`;
  return `${source.user}@${where}/${source.database}.${source.table}`;
}

/** Tells at start which source was found, and which parameters of its DSN do nothing here. */
export function logSource(source: Source, log: Logger): void {
  log.info({ source: sourceLabel(source), from: source.origin, tls: source.tls }, 'source');
  if (source.ignored.length > 0) {
    log.info({ parameters: source.ignored }, 'these parameters of the DSN have no effect here');
  }
}

export interface FoundSource {
  readonly source: Source;
  /** The database.yaml that was read; null when there is none. */
  readonly file: string | null;
}

export interface Resolved {
  readonly source: Source | null;
  /** Undefined when there is one that cannot be read. */
  readonly file: string | null | undefined;
  readonly problems: readonly RuleProblem[];
}

export function resolveSource(settings: SourceSettings): Resolved {
  const problems: RuleProblem[] = [];
  const wrong = (setting: string, what: string): undefined => {
    problems.push({ setting, message: `${setting}: ${what}` });
  };
  const yaml = findYaml(settings, wrong);
  const found = yaml === undefined ? undefined : findDsn(settings, yaml, wrong);
  const table = tableOf(settings, wrong);
  const tlsCa = tlsAuthority(settings, found?.dsn, wrong);
  const file = yaml === null ? null : yaml?.file;
  if (!found || table === undefined || problems.length > 0) return { source: null, file, problems };
  return {
    file,
    source: {
      ...found.dsn,
      origin: found.origin,
      table,
      timeZone: settings.source_time_zone,
      tlsCa,
    },
    problems,
  };
}

type Wrong = (setting: string, what: string) => undefined;

interface FoundDsn {
  readonly dsn: Dsn;
  readonly origin: string;
}

function findYaml(settings: SourceSettings, wrong: Wrong): DatabaseYaml | null | undefined {
  try {
    return findDatabaseYaml(['.', settings.secrets_path ?? '/vault/secrets']);
  } catch (error) {
    if (error instanceof DatabaseYamlError) return wrong('database_dsn', error.message);
    throw error;
  }
}

function findDsn(
  settings: SourceSettings,
  yaml: DatabaseYaml | null,
  wrong: Wrong,
): FoundDsn | undefined {
  const text = yaml?.dsn ?? settings.database_dsn;
  if (text === undefined)
    return wrong(
      'database_dsn',
      `required: ${DSN_FORM}${yaml ? `, as ${yaml.file} has no dsn` : ''}`,
    );
  const origin = yaml?.dsn === undefined ? 'database_dsn' : yaml.file;
  return readDsn(text, yaml, origin, wrong);
}

function readDsn(
  text: string,
  yaml: DatabaseYaml | null,
  origin: string,
  wrong: Wrong,
): FoundDsn | undefined {
  const where = origin === 'database_dsn' ? '' : `in ${origin}: `;
  try {
    const parsed = parseDsn(text);
    const dsn: Dsn = {
      ...parsed,
      user: yaml?.user ?? parsed.user,
      password: yaml?.pass ?? parsed.password,
      database: yaml?.dbname ?? parsed.database,
    };
    if (dsn.database === '') return wrong('database_dsn', `${where}names no database: ${DSN_FORM}`);
    if (dsn.user === '') return wrong('database_dsn', `${where}names no user: ${DSN_FORM}`);
    // The driver checks a certificate's names only, not its addresses.
    if (dsn.tls === 'true' && isIP(dsn.host)) {
      return wrong(
        'database_dsn',
        `${where}tls=true needs the host name of the certificate, got ${dsn.host}`,
      );
    }
    return { dsn, origin };
  } catch (error) {
    if (error instanceof DsnError) return wrong('database_dsn', `${where}${error.message}`);
    throw error;
  }
}

function tableOf(settings: SourceSettings, wrong: Wrong): string | undefined {
  const name = settings.table === undefined ? 'app_default_table' : 'table';
  const table = settings.table ?? settings.app_default_table;
  const valid = settings.app_valid_tables;
  // A setting that is wrong by itself has been told already.
  if (table === undefined || valid === undefined) return undefined;
  if (valid.includes(table)) return table;
  return wrong(
    name,
    `${JSON.stringify(table)} is not one of app_valid_tables, ${valid.join(', ')}`,
  );
}

function tlsAuthority(
  settings: SourceSettings,
  dsn: Dsn | undefined,
  wrong: Wrong,
): string | undefined {
  const file = settings.database_tls_ca;
  if (file === undefined) return undefined;
  if (dsn && dsn.tls !== 'true') {
    return wrong(
      'database_tls_ca',
      `has no effect unless the DSN says tls=true; it says tls=${dsn.tls}`,
    );
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return wrong('database_tls_ca', `cannot read ${file}: ${(error as Error).message}`);
  }
}
