import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingServer } from './place.ts';

test('a server that was left out is missed by the variable that it would have set', () => {
  assert.equal(missingServer({ GCS_ENDPOINT: 'http://127.0.0.1:1' }, 'GCS_ENDPOINT'), null);
  assert.match(
    missingServer({ GCS_ENDPOINT: 'http://127.0.0.1:1' }, 'S3_ENDPOINT') ?? '',
    /^S3_EN/,
  );
});
