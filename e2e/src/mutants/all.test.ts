import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ALL } from './all.ts';

const ROOT = new URL('../../../', import.meta.url);

test('every damage has a name of its own', () => {
  assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length);
});

/** The loader finds out too, minutes later. */
test('what a damage changes stands in the built code, once', async () => {
  for (const { name, module, edits } of ALL) {
    const code = await readFile(new URL(module, ROOT), 'utf8');
    for (const { find } of edits) {
      assert.equal(code.split(find).length - 1, 1, `${name}: ${JSON.stringify(find)} in ${module}`);
    }
  }
});
