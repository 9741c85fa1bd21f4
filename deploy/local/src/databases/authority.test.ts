import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Authority } from './authority.ts';

test('a certificate is for the one name that it was issued for, and by its authority', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(dir, { recursive: true }));
  const [authority, other] = await Promise.all(
    ['a', 'b'].map((name) => Authority.create(join(dir, name))),
  );
  const [local, elsewhere] = await Promise.all(
    ['localhost', 'db.example'].map((name) => authority!.issue(name)),
  );
  const read = async (file: string) => new X509Certificate(await readFile(file));
  const [ca, stranger] = [await read(authority!.file), await read(other!.file)];
  const [first, second] = [await read(local!.cert), await read(elsewhere!.cert)];
  assert.ok(ca.ca);
  assert.ok(first.checkIssued(ca) && first.verify(ca.publicKey));
  assert.ok(!first.verify(stranger.publicKey));
  assert.equal(first.checkHost('localhost'), 'localhost');
  assert.equal(first.checkHost('db.example'), undefined);
  assert.equal(second.checkHost('db.example'), 'db.example');
  assert.notEqual(first.serialNumber, second.serialNumber);
});
