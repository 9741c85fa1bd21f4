import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from '@scoreline/testing';

const PROGRAM = join(import.meta.dirname, 'testing', 'sample-service.js');

function service(t: TestContext, env: Record<string, string>, argv: string[] = []) {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    env: { http_port: '0', secrets_path: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => (output.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.err += data.toString()));
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, output, exit, running: () => until(() => output.out.includes('"running"')) };
}

test('wrong settings are plain lines on standard error, exit code 2, nothing on standard output', async (t) => {
  const { exit, output } = service(t, { log_level: 'loud', shutdown_grace: 'x' });
  assert.equal(await exit, 2);
  assert.equal(output.out, '');
  assert.deepEqual(output.err.split('\n'), [
    'sample: 3 settings are wrong:',
    '  log_level: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
    '  shutdown_grace: expected a duration such as 500ms, 10m or 1h30m from 1ms to 2147483647ms, got "x"',
    '  password: required: text',
    'Set them in the environment; docs/4-configuration.md describes each one.',
    '',
  ]);
});

test('SIGTERM lets work finish and exits with 0', async (t) => {
  const { child, exit, output, running } = service(t, { password: 'hush-hush' });
  await running();
  child.kill('SIGTERM');
  assert.equal(await exit, 0);
  assert.match(output.out, /"drained"/);
});

test('a second signal exits at once', async (t) => {
  const { child, exit, output, running } = service(t, { password: 'hush-hush', mode: 'deaf' });
  await running();
  child.kill('SIGTERM');
  await until(() => output.out.includes('"stopping"'));
  child.kill('SIGTERM');
  assert.equal(await exit, 1);
});

test('a part that fails ends the process with its code, logged once and without the secret', async (t) => {
  const { exit, output } = service(t, { password: 'hush-hush', mode: 'fail' });
  assert.equal(await exit, 2);
  assert.equal(output.out.match(/"code":"sample-failed"/g)?.length, 1);
  assert.doesNotMatch(output.out + output.err, /hush-hush/);
});

test('a wrong setting that only the building of parts can see is told like the others', async (t) => {
  const { exit, output } = service(t, { password: 'hush-hush', mode: 'misfit' });
  assert.equal(await exit, 2);
  assert.equal(output.err, 'sample: mode: misfit with [redacted]\nSet another.\n');
});

test('an error that nobody caught ends the process with 1', async (t) => {
  for (const mode of ['crash', 'bug']) {
    const { exit, output } = service(t, { password: 'hush-hush', mode });
    assert.equal(await exit, 1, mode);
    assert.match(output.out, /"level":"fatal".*nobody caught this/);
  }
});

test('secrets come from *.env files, and the log tells what has no effect', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-main-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'sample.env'), 'export PASSWORD="from-the-file"\n');
  const { child, exit, output, running } = service(t, {
    secrets_path: folder,
    wait: '600',
    batch: '7',
  });
  await running();
  child.kill('SIGINT');
  assert.equal(await exit, 0);
  assert.match(output.out, /wait has no effect: Nothing waits\./);
  assert.match(output.out, /batch takes effect; the archiver accepted and ignored it/);
  assert.match(output.out, /"passwordLength":13/);
});

test('--help and --version print and exit', async (t) => {
  const help = service(t, {}, ['--help']);
  assert.equal(await help.exit, 0);
  assert.match(
    help.output.out,
    /Scoreline sample\.[^]*http_port \(integer from 0 to 65535; default: 8080\)/,
  );
  const version = service(t, {}, ['--version']);
  assert.equal(await version.exit, 0);
  assert.match(version.output.out, /^\d+\.\d+\.\d+\n$/);
});

test('an action runs instead of the service: it prints, and exits with its own code', async (t) => {
  const env = { password: 'hush-hush' };
  const said = service(t, env, ['--say-so']);
  assert.equal(await said.exit, 0, said.output.err);
  assert.deepEqual(said.output, { out: 'mode=drain password=[redacted]\n', err: '' });
  const other = service(t, env, ['--say-so', '--mode', 'crash']);
  assert.equal(await other.exit, 3);
  const failed = service(t, env, ['--say-so', '--mode=fail']);
  assert.equal(await failed.exit, 1);
  assert.equal(failed.output.err, 'sample: it failed\nTry again.\n');
  const stopped = service(t, env, ['--say-so', '--mode=deaf']);
  await until(() => stopped.output.out !== '');
  stopped.child.kill('SIGTERM');
  assert.equal(await stopped.exit, 1);
  assert.equal(stopped.output.err, 'sample: stopped\n');
  const help = service(t, {}, ['--help']);
  await help.exit;
  assert.match(help.output.out, /--say-so\n {6}Says what the mode is\./);
});
