import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkedMetadata, withChecksum } from './file-checksum.ts';

const OBJECT = {
  name: 'one.avro',
  path: '/one',
  size: 9,
  crc32c: 0xe3069283,
  metadata: { a: 'b' },
};
const SENT = '4waSgw==';

test('what is found is as it was given, when the store has the bytes that were sent', () => {
  const kept = withChecksum(OBJECT);
  assert.deepEqual(checkedMetadata('looking', kept, SENT), OBJECT.metadata);
});

test('an object with other bytes than were sent is not taken for landed', () => {
  assert.throws(() => checkedMetadata('looking', withChecksum(OBJECT), 'AAAAAA=='), {
    code: 'object-corrupt',
    action: 'stop',
    message: /^looking: .*AAAAAA==.*4waSgw==/,
  });
});

test('of a store without checksums, and of somebody else’s object, nothing can be said', () => {
  assert.deepEqual(checkedMetadata('looking', withChecksum(OBJECT), undefined), OBJECT.metadata);
  assert.deepEqual(checkedMetadata('looking', { c: 'd' }, SENT), { c: 'd' });
});
