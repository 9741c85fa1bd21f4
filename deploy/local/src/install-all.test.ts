import assert from 'node:assert/strict';
import { test } from 'node:test';

import { installAll } from './install-all.ts';
import type { Installer, ServerName } from './server.ts';

/** Installs that end when they are told to, and the order of what happened. */
class Installs {
  readonly events: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  of(name: ServerName, installer: Installer) {
    return {
      name,
      installer,
      install: () =>
        new Promise<void>((resolve, reject) => {
          this.events.push(`${name} begins`);
          this.#ends.set(name, (error) => {
            this.events.push(`${name} ends`);
            if (error) reject(error);
            else resolve();
          });
        }),
    };
  }

  async end(name: ServerName, error?: Error): Promise<void> {
    this.#ends.get(name)?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('one tool installs one server after the other, and different tools work at once', async () => {
  const installs = new Installs();
  const { events } = installs;
  const servers = [
    installs.of('kafka', 'maven'),
    installs.of('gcs', 'go'),
    installs.of('registry', 'maven'),
  ];
  const all = installAll(servers, () => {});
  assert.deepEqual(events, ['kafka begins', 'gcs begins']);
  await installs.end('kafka');
  assert.deepEqual(events.slice(2), ['kafka ends', 'registry begins']);
  await installs.end('gcs');
  await installs.end('registry');
  await all;
});

test('after a failure nothing more is begun, and what is under way is waited for', async () => {
  const installs = new Installs();
  const said: string[] = [];
  const servers = [
    installs.of('kafka', 'maven'),
    installs.of('gcs', 'go'),
    installs.of('registry', 'maven'),
    installs.of('s3', 'go'),
  ];
  let settled = false;
  const all = installAll(servers, (line) => said.push(line)).finally(() => {
    settled = true;
  });
  all.catch(() => {});
  await installs.end('gcs', new Error('no compiler'));
  assert.deepEqual(said, ['gcs cannot be installed; waiting for what is under way']);
  assert.equal(settled, false);
  await installs.end('kafka');
  await assert.rejects(all, /^Error: gcs cannot be installed: no compiler$/);
  assert.deepEqual(installs.events.toSorted(), [
    'gcs begins',
    'gcs ends',
    'kafka begins',
    'kafka ends',
  ]);
});

test('a stop begins nothing more', async () => {
  const installs = new Installs();
  const stopping = new AbortController();
  const servers = [installs.of('kafka', 'maven'), installs.of('registry', 'maven')];
  const all = installAll(servers, () => {}, stopping.signal);
  all.catch(() => {});
  stopping.abort(new Error('stopped'));
  await installs.end('kafka');
  await assert.rejects(all, /stopped/);
  assert.deepEqual(installs.events, ['kafka begins', 'kafka ends']);
});
