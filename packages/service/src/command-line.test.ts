import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import { help, parseCommandLine } from './command-line.ts';
import { completeEnvironment } from './main.ts';
import { secret, text, withFacts } from './settings.ts';

const settings = z.object({
  table: withFacts(text('log_scores').describe('The table.'), { flag: 't' }),
  topic_prefix: text('').describe('The prefix.'),
  password: secret().describe('The password.'),
});

test('settings can be given with dashes or underscores, or by their letter', () => {
  for (const argv of [
    ['-t', 'x', '--topic-prefix=a-b=c.'],
    ['--table=x', '--topic_prefix', 'a-b=c.'],
  ]) {
    assert.deepEqual(
      { ...parseCommandLine(settings, argv) },
      {
        kind: 'run',
        given: { table: 'x', topic_prefix: 'a-b=c.' },
      },
    );
  }
  assert.equal(parseCommandLine(settings, ['-h']).kind, 'help');
  assert.equal(parseCommandLine(settings, ['--version']).kind, 'version');
});

test('what is unknown is refused, and secrets are for the environment only', () => {
  assert.throws(() => parseCommandLine(settings, ['--tabel', 'x']), /command line: .*--tabel/);
  assert.throws(
    () => parseCommandLine(settings, ['--password', 'x']),
    /command line: .*--password/,
  );
  assert.throws(() => parseCommandLine(settings, ['stray']), /command line: .*stray/);
});

test('one action at most can be asked for, with settings', () => {
  const actions = { 'look-at-it': { description: 'Looks.' }, mend: { description: 'Mends.' } };
  assert.deepEqual(parseCommandLine(settings, ['--look-at-it', '-t', 'x'], actions), {
    kind: 'action',
    action: 'look-at-it',
    given: { table: 'x' },
  });
  assert.throws(
    () => parseCommandLine(settings, ['--mend', '--look-at-it'], actions),
    /--look-at-it and --mend are two things to do/,
  );
  assert.throws(
    () => parseCommandLine(settings, ['--mend=all'], actions),
    /command line: .*--mend/,
  );
});

test('the help names every setting with its default and sentence', () => {
  const page = help('capture', settings);
  assert.match(page, /table \(text; default: log_scores\)\n {6}The table\./);
  assert.match(page, /password \(text; required\)\n {6}The password\./);
});

test('the command line wins over the environment in any case', () => {
  const env = completeEnvironment(
    { TABLE: 'env', Table: 'other', HOME: '/' },
    { table: 'given', secrets_path: '/none' },
  );
  assert.deepEqual({ ...env }, { HOME: '/', table: 'given', secrets_path: '/none' });
});
