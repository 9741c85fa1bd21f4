import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import type { SourceTrial } from './source-trial.ts';
import { holderOf, YamlFolder } from './testing/holder.ts';

const yaml = (pass: string, more = ''): string =>
  `mysql:\n  dsn: scoreline@tcp(db:3306)/ntp\n  pass: ${pass}\n${more}`;

/** A server that knows these passwords, and remembers what was tried. */
function server(...known: string[]): { trial: SourceTrial; tried: string[]; known: Set<string> } {
  const passwords = new Set(known);
  const tried: string[] = [];
  const trial: SourceTrial = async ({ password }) => {
    tried.push(password);
    if (!passwords.has(password)) throw new Error(`the server refuses ${password}`);
  };
  return { trial, tried, known: passwords };
}

test('a file that is renamed, swapped by a link or written in place is taken, once it was tried', async (t) => {
  for (const way of ['rename', 'swap', 'write'] as const) {
    const folder = new YamlFolder(t);
    folder[way](yaml('first-pass'));
    const { trial, tried } = server('second-pass', 'third-pass');
    const { holder, lines, count } = holderOf(folder, {}, trial);
    const told: string[] = [];
    const endTelling = holder.onChange(({ password }) => told.push(password));
    await holder.look();
    assert.equal(holder.current.password, 'first-pass', way);
    const { superseded } = holder;

    folder[way](yaml('second-pass'));
    await holder.look();
    await holder.look();
    assert.equal(holder.current.password, 'second-pass', way);
    assert.ok(superseded.aborted);
    assert.ok(!holder.superseded.aborted, 'what is in use is not');
    endTelling();
    folder[way](yaml('third-pass'));
    await holder.look();
    assert.deepEqual(tried, ['second-pass', 'third-pass'], 'each is tried once');
    assert.deepEqual(told, ['second-pass'], 'a listener that left is told nothing');
    assert.deepEqual([await count('reloads'), await count('reload_failures')], [2, 0]);
    assert.match(lines[0]!, /"source":"scoreline@db:3306\/ntp.log_scores"/);
    assert.ok(!lines.join('').includes('-pass'));
  }
});

test('what does not change how the table is reached is not tried', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { trial, tried } = server();
  const { holder, lines } = holderOf(folder, {}, trial);
  folder.rename(`# a new lease\n${yaml('"first-pass"', '  user: scoreline\n')}`);
  await holder.look();
  assert.deepEqual([tried, lines, holder.superseded.aborted], [[], [], false]);
});

test('what is wrong is told once, without its password, and the source stays', async (t) => {
  const cases: [what: string, text: string, message: RegExp][] = [
    ['no YAML', 'mysql: {pass: hush-hush', /database\.yaml is not YAML/],
    ['a field that is not known', yaml('hush-hush', '  password: x\n'), /unknown password/],
    ['no DSN', 'mysql: {dsn: "u:hush-hush@db:3306/ntp"}', /where tcp\(host:3306\) should be/],
    ['a password as DSN', 'mysql: {dsn: "hush-hush"}', /there is no \//],
    ['no user', 'mysql: {dsn: "tcp(db:3306)/ntp", pass: hush-hush}', /names no user/],
    ['nothing', '', /expected mysql with dsn/],
    [
      'another database',
      yaml('hush-hush', '  dbname: other\n'),
      /names the database \\"other\\", and \\"ntp\\" is in use/,
    ],
  ];
  for (const [what, text, message] of cases) {
    const folder = new YamlFolder(t);
    folder.write(yaml('first-pass'));
    const { trial, tried } = server('hush-hush');
    const { holder, lines, count } = holderOf(folder, {}, trial);
    const { current } = holder;
    folder.rename(text);
    await holder.look();
    await holder.look();
    assert.equal(holder.current, current, what);
    assert.equal(lines.length, 1, what);
    assert.match(lines[0]!, message, what);
    assert.match(lines[0]!, /"level":"error".*"remedy":/, what);
    assert.doesNotMatch(lines[0]!, /hush/, what);
    assert.match(String(holder.status().problem), /\w/, what);
    assert.equal(await count('reload_failures'), 2, `${what}: an alert goes on`);

    folder.rename(yaml('first-pass'));
    await holder.look();
    assert.match(lines[1]!, /describe the source in use again/, what);
    assert.equal(holder.status().problem, null, what);
    assert.deepEqual([tried, holder.superseded.aborted], [[], false], what);
  }
});

test('a file that is cut off anywhere, as in mid-write, never shows its password and never changes who we are', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const password = 'hu/sh@hu:sh';
  const whole = `mysql: {dsn: "scoreline:${password}@tcp(db:3306)/ntp?timeout=5s"}\n`;
  const { trial } = server(password);
  const { holder, lines } = holderOf(folder, {}, trial);
  const { current } = holder;
  const isWhole = whole.lastIndexOf('}') + 1;
  for (let length = 0; length < isWhole; length++) {
    folder.write(whole.slice(0, length));
    await holder.look();
    assert.equal(holder.current, current, whole.slice(0, length));
  }
  assert.doesNotMatch(lines.join(''), /hu[/:]?sh/);
  folder.write(whole);
  await holder.look();
  assert.equal(holder.current.password, password);
});

test('plain scalars that are cut off are refused by the server, and the whole file is taken', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { trial, tried } = server('second-pass');
  const { holder } = holderOf(folder, {}, trial);
  const whole = yaml('second-pass');
  for (let length = 0; length < whole.trimEnd().length; length++) {
    folder.write(whole.slice(0, length));
    await holder.look();
    assert.equal(holder.current.password, 'first-pass');
  }
  folder.write(whole);
  await holder.look();
  assert.equal(holder.current.password, 'second-pass');
  assert.ok(tried.includes('second-pas'));
});

test('a file that is gone is not replaced by an older DSN of the environment, and may come back', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { trial } = server('second-pass', 'old');
  const environments = [{ database_dsn: 'scoreline:old@tcp(db:3306)/ntp' }, {}];
  for (const env of environments) {
    folder.write(yaml('first-pass'));
    const { holder, lines } = holderOf(folder, env, trial);
    folder.remove();
    await holder.look();
    assert.equal(holder.current.password, 'first-pass');
    assert.match(lines[0]!, /database\.yaml is gone/);
    folder.write(yaml('second-pass'));
    await holder.look();
    assert.equal(holder.current.password, 'second-pass');
  }
});

test('a file that comes later wins over the environment, as at a start', async (t) => {
  const folder = new YamlFolder(t);
  const { trial } = server('second-pass');
  const { holder } = holderOf(folder, { database_dsn: 'scoreline@tcp(db:3306)/ntp' }, trial);
  assert.equal(holder.isReloading, false, 'no file, nothing to wait for');
  folder.swap(yaml('second-pass'));
  await holder.look();
  assert.equal(holder.current.password, 'second-pass');
  assert.equal(holder.status().from, folder.file);
  assert.equal(holder.isReloading, true);
});

test('a DSN in an *.env file is followed too, and told when it is cut off or gone', async (t) => {
  const folder = new YamlFolder(t);
  const env = (password: string): string => `DATABASE_DSN="scoreline:${password}@tcp(db)/ntp"\n`;
  folder.env(env('first-pass'));
  const { trial } = server('second-pass', 'first-pass');
  const { holder, lines } = holderOf(folder, {}, trial);
  assert.equal(holder.isReloading, true);
  folder.env(env('second-pass'));
  await holder.look();
  assert.equal(holder.current.password, 'second-pass');
  for (const [text, message] of [
    [env('second-pass').slice(0, 30), /the quote of DATABASE_DSN is not closed/],
    ['# nothing\n', /database_dsn is gone from the \*\.env files/],
  ] as const) {
    folder.env(text);
    await holder.look();
    assert.equal(holder.current.password, 'second-pass');
    assert.match(lines.at(-1)!, message);
  }
  assert.ok(!lines.join('').includes('-pass'));
});

test('a DSN of the real environment wins over the *.env files, then as at the start', async (t) => {
  const folder = new YamlFolder(t);
  const { trial, tried } = server('second-pass');
  const real = { DATABASE_DSN: 'scoreline:first-pass@tcp(db)/ntp' };
  const { holder } = holderOf(folder, real, trial);
  folder.env('DATABASE_DSN=scoreline:second-pass@tcp(db)/ntp\n');
  await holder.look();
  assert.deepEqual([holder.current.password, tried, holder.isReloading], ['first-pass', [], false]);
});

test('a password that the server does not know yet is tried again until it does', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { trial, tried, known } = server();
  const { holder, lines, count } = holderOf(folder, {}, trial);
  folder.rename(yaml('second-pass'));
  await holder.look();
  await holder.look();
  assert.equal(holder.current.password, 'first-pass');
  known.add('second-pass');
  await holder.look();
  assert.equal(holder.current.password, 'second-pass');
  assert.equal(tried.length, 3);
  assert.deepEqual([await count('reloads'), await count('reload_failures')], [1, 2]);
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /the server refuses \[redacted\]/, 'hidden before it is tried');
});

test('it looks by itself as often as it is told, until it is stopped, and never with 0', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { trial } = server('second-pass', 'third-pass');
  const never = holderOf(folder, { database_reload_interval: '0' }, trial);
  const often = holderOf(folder, { database_reload_interval: '5ms' }, trial);
  assert.equal(never.holder.isReloading, false);
  await Promise.all([never.holder.start(), often.holder.start()]);
  folder.rename(yaml('second-pass'));
  await until(() => often.holder.current.password === 'second-pass');
  await often.holder.stop();
  assert.equal(never.holder.current.password, 'first-pass');
  const later = holderOf(folder, { database_reload_interval: '5ms' }, trial);
  folder.rename(yaml('third-pass'));
  await later.holder.start();
  await until(() => later.holder.current.password === 'third-pass');
  await later.holder.stop();
  assert.equal(often.holder.current.password, 'second-pass', 'it had stopped looking');
});

test('a stop ends a trial that hangs, without a word', async (t) => {
  const folder = new YamlFolder(t);
  folder.write(yaml('first-pass'));
  const { holder, lines, count } = holderOf(
    folder,
    {},
    (_source, _checks, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  folder.rename(yaml('second-pass'));
  const looking = holder.look();
  await holder.stop();
  await looking;
  await holder.stop();
  assert.deepEqual([holder.current.password, lines], ['first-pass', []]);
  assert.equal(await count('reload_failures'), 0);
});
