/**
 * Whether grants, as SHOW GRANTS lists them, give a privilege on a table. Some things, such as triggers, are
 * not shown to whoever may not see them, without an error. A REVOKE (MySQL's partial ones) of it anywhere
 * counts as no.
 */
export function isGranted(
  grants: readonly string[],
  privilege: string,
  { database, table }: { readonly database: string; readonly table: string },
): boolean {
  const found = grants.flatMap((line) => {
    const [, verb, privileges = '', scope = ''] =
      /^(GRANT|REVOKE) (.+?) ON (?:TABLE )?(\S+) (?:TO|FROM) /.exec(line) ?? [];
    const named = privileges.split(', ');
    const isNamed = named.includes(privilege) || named.includes('ALL PRIVILEGES');
    return verb !== undefined && isNamed ? [{ verb, scope }] : [];
  });
  if (found.some(({ verb }) => verb === 'REVOKE')) return false;
  return found.some(({ scope }) => covers(scope, database, table));
}

function covers(scope: string, database: string, table: string): boolean {
  if (scope === '*.*') return true;
  const [, db = '', name = ''] = /^`((?:[^`]|``)+)`\.(\*|`(?:[^`]|``)+`)$/.exec(scope) ?? [];
  // In a grant on a whole database, _ and % are wildcards; in one on a table they are themselves.
  if (name === '*') return db === database || pattern(db).test(database);
  return unquoted(db) === database && unquoted(name.slice(1, -1)) === table;
}

function pattern(like: string): RegExp {
  const source = unquoted(like).replaceAll(/\\?[^]/g, (one) => {
    if (one === '%') return '[^]*';
    if (one === '_') return '[^]';
    return one.at(-1)!.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

function unquoted(name: string): string {
  return name.replaceAll('``', '`');
}
