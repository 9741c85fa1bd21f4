import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { DatabaseYamlError, findDatabaseYaml, parseDatabaseYaml } from './database-yaml.ts';

function folders(t: TestContext): [working: string, secrets: string] {
  const path = mkdtempSync(join(tmpdir(), 'scoreline-yaml-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const name of ['working', 'secrets']) mkdirSync(join(path, name));
  return [join(path, 'working'), join(path, 'secrets')];
}

test('the working folder comes before the folder of secrets, and neither need have one', (t) => {
  const [working, secrets] = folders(t);
  assert.equal(findDatabaseYaml([working, secrets, '/nonexistent']), null);
  writeFileSync(join(secrets, 'database.yaml'), 'mysql:\n  user: secrets\n');
  assert.equal(findDatabaseYaml([working, secrets])?.user, 'secrets');
  writeFileSync(join(working, 'database.yaml'), 'mysql:\n  user: working\n');
  assert.equal(findDatabaseYaml([working, secrets])?.user, 'working');
});

test('every value is text, whatever it looks like; an empty one is not given', () => {
  assert.deepEqual(
    parseDatabaseYaml('other: 1\nmysql: {dsn: "", user: yes, pass: 0123, dbname: 1e3}', 'f'),
    {
      dsn: undefined,
      user: 'yes',
      pass: '0123',
      dbname: '1e3',
    },
  );
});

test('what is not that is refused with its file, and without a value', () => {
  const cases: [text: string, message: RegExp][] = [
    ['', /^f: expected mysql with dsn/],
    ['mysql: hush', /^f: expected mysql/],
    ['mysql: {password: hush}', /unknown password/],
    ['mysql: {pass: [hush]}', /mysql\.pass/],
    ['mysql: {pass: "hush', /^f is not YAML$/],
    ['mysql: {pass: hush, pass: hush}', /^f is not YAML$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseDatabaseYaml(text, 'f'),
      (error: Error) =>
        error instanceof DatabaseYamlError &&
        message.test(error.message) &&
        !error.message.includes('hush'),
      text,
    );
  }
});

test('a file that cannot be read is an error, not an absent one', (t) => {
  const [working] = folders(t);
  mkdirSync(join(working, 'database.yaml'));
  assert.throws(() => findDatabaseYaml([working]), /cannot read .*database\.yaml/);
});
