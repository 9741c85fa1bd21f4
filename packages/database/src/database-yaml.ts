import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

/** What a `database.yaml` says; each field replaces that of the DSN, wherever the DSN comes from. */
export interface DatabaseYaml {
  readonly file: string;
  readonly dsn?: string | undefined;
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly dbname?: string | undefined;
}

const FILE = 'database.yaml';

const field = z
  .string()
  .optional()
  .transform((value) => value || undefined);
const content = z.object({
  mysql: z.strictObject({ dsn: field, user: field, pass: field, dbname: field }),
});

export class DatabaseYamlError extends Error {}

/** The first that exists: in the working folder, then in the folder of secrets. */
export function findDatabaseYaml(folders: readonly string[]): DatabaseYaml | null {
  for (const folder of folders) {
    const file = join(folder, FILE);
    const text = read(file);
    if (text !== null) return { file, ...parseDatabaseYaml(text, file) };
  }
  return null;
}

export function parseDatabaseYaml(text: string, file: string): Omit<DatabaseYaml, 'file'> {
  let value: unknown;
  try {
    // All scalars are text: a password may look like a number.
    value = parse(text, { schema: 'failsafe', prettyErrors: false });
  } catch {
    // The parser's message shows a part of the file, which holds a password.
    throw new DatabaseYamlError(`${file} is not YAML`);
  }
  const parsed = content.safeParse(value);
  if (parsed.success) return parsed.data.mysql;
  const problems = parsed.error.issues.map((issue) => {
    const unknown =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown ${key}`)
        : [issue.message];
    return `${issue.path.join('.') || 'the file'}: ${unknown.join(', ')}`;
  });
  throw new DatabaseYamlError(
    `${file}: expected mysql with dsn, user, pass and dbname as text; ${problems.join('; ')}`,
  );
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new DatabaseYamlError(`cannot read ${file}: ${message}`);
  }
}
