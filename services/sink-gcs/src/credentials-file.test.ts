import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { checkCredentialsFile } from './credentials-file.ts';

const CASES = {
  'a file that is not there': { content: null, says: /cannot be read/ },
  'a file that is no JSON': { content: '-----BEGIN SECRET', says: /holds no credentials/ },
  'JSON of something else': { content: '{"private_key":"SECRET"}', says: /holds no credentials/ },
  null: { content: 'null', says: /holds no credentials/ },
};

for (const [what, { content, says }] of Object.entries(CASES)) {
  test(`${what} is refused by the setting’s name, and shows nothing of it`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'key.json');
    if (content !== null) await writeFile(path, content);
    await assert.rejects(checkCredentialsFile(path), (error: Error) => {
      assert.equal(error.name, 'ConfigError');
      assert.match(error.message, /^google_application_credentials: /);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
    await writeFile(path, '{"type":"service_account"}');
    await checkCredentialsFile(path);
  });
}
