import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { parseEnvFile, withEnvFiles } from './env-files.ts';
import { ConfigError } from './errors.ts';

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'scoreline-env-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

test('KEY=VALUE with export, comments, quotes and Windows line ends', () => {
  const text = [
    '# written by vault',
    '',
    'PLAIN=value',
    'export EXPORTED=yes',
    '  INDENTED=1  ',
    'SPACES=two words # and a comment',
    'HASH=pass#word',
    'EMPTY=',
    'ONLY_COMMENT= # nothing',
    'SINGLE=\'$HOME "and" \\n\'',
    'DOUBLE="a \\"quoted\\" \\$x \\\\ \\n \\t" # comment',
    'INNER=it\'s"fine',
    'EQUALS=a=b=c',
    'CRLF=x\r',
    'PEM="-----BEGIN',
    'line',
    '-----END"',
    'LAST=end',
  ].join('\n');
  assert.deepEqual(Object.fromEntries(parseEnvFile(text, 'f')), {
    PLAIN: 'value',
    EXPORTED: 'yes',
    INDENTED: '1',
    SPACES: 'two words',
    HASH: 'pass#word',
    EMPTY: '',
    ONLY_COMMENT: '',
    SINGLE: '$HOME "and" \\n',
    DOUBLE: 'a "quoted" $x \\ \n \\t',
    INNER: 'it\'s"fine',
    EQUALS: 'a=b=c',
    CRLF: 'x',
    PEM: '-----BEGIN\nline\n-----END',
    LAST: 'end',
  });
});

test('nothing is executed or expanded', () => {
  assert.deepEqual(parseEnvFile('A=$(id)\nB="`id` $HOME"\nC=${HOME}', 'f'), [
    ['A', '$(id)'],
    ['B', '`id` $HOME'],
    ['C', '${HOME}'],
  ]);
});

test('what is no assignment is refused with its file and line, and without the value', () => {
  const cases: [text: string, message: RegExp][] = [
    ['A=1\nnot an assignment', /db\.env, line 2: expected KEY=VALUE/],
    ['1A=hush', /line 1: expected KEY=VALUE/],
    ['A="hush', /line 1: the quote of A is not closed/],
    ["\n\nA='hush", /line 3: the quote of A is not closed/],
    ['A="hush"hush', /line 1: text after the closing quote of A/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseEnvFile(text, '/x/db.env'),
      (error: Error) =>
        error instanceof ConfigError &&
        message.test(error.message) &&
        !error.message.includes('hush'),
    );
  }
});

test('files complete the environment, which wins in whichever case', (t) => {
  const path = folder(t, {
    'a.env': 'DSN=file\nTOKEN=file',
    'b.env': 'MORE=b',
    'c.txt': 'NOT=read',
  });
  const env = withEnvFiles({ dsn: 'real', TOKEN: '' }, path);
  assert.equal(env['dsn'], 'real');
  assert.equal(env['token'], 'file');
  assert.equal(env['more'], 'b');
  assert.equal(env['not'] ?? env['NOT'], undefined);
});

test('two files that disagree are refused, naming both', (t) => {
  const path = folder(t, { 'a.env': 'DSN=one', 'b.env': 'dsn=two' });
  assert.throws(() => withEnvFiles({}, path), /dsn has different values in .*a\.env and .*b\.env/);
});

test('a missing folder is no files; a file that cannot be read is an error', (t) => {
  const path = folder(t, {});
  assert.deepEqual(withEnvFiles({ A: '1' }, join(path, 'none')), { A: '1' });
  mkdirSync(join(path, 'folder.env'));
  assert.throws(() => withEnvFiles({}, path), /secrets_path: cannot read .*folder\.env/);
});
