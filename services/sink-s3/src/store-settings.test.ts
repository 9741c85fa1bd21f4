import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bothKeys } from './store-settings.ts';

test('half of a pair of keys is refused, and the other half named', () => {
  assert.deepEqual(bothKeys({}), []);
  assert.deepEqual(bothKeys({ s3_access_key_id: 'id', s3_secret_access_key: 'key' }), []);
  assert.equal(bothKeys({ s3_access_key_id: 'id' })[0]?.setting, 's3_secret_access_key');
  assert.equal(bothKeys({ s3_secret_access_key: 'key' })[0]?.setting, 's3_access_key_id');
});
