import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The program with these settings alone. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH: process.env['PATH'], secrets_path: '/nonexistent', ...env } },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      },
    );
  });
}

test('the help names every action', async () => {
  const { code, output } = await run(['--help']);
  assert.equal(code, 0);
  for (const action of ['once', 'dry-run', 'explain', 'promote', 'retire', 'trim']) {
    assert.match(output, new RegExp(`^  --${action}$`, 'm'));
  }
});

test('wrong settings are told by name, all at once, before anything is opened', async () => {
  const { code, output } = await run(['--once', '--purge-window', 'noon', '--sinks', 'a,a'], {
    database_dsn: 'purge:secret@tcp(db:3306)/',
    replica_dsns: 'nonsense',
  });
  assert.equal(code, 2);
  for (const setting of [
    'kafka_brokers',
    'database_dsn',
    'purge_window',
    'sinks',
    'replica_dsns',
  ]) {
    assert.match(output, new RegExp(`^  ${setting}: `, 'm'));
  }
  assert.doesNotMatch(output, /secret@/);
});
