import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crc32c } from '@scoreline/kafka';

import { crc32cBase64, crc32cHex } from './crc32c-text.ts';

test('a checksum is written as the stores write it', () => {
  // `gsutil hash` of "123456789", whose CRC32C is e3069283 (RFC 3720).
  assert.equal(crc32cBase64(crc32c(Buffer.from('123456789'))), '4waSgw==');
  assert.equal(crc32cBase64(1), 'AAAAAQ==');
});

test('in hexadecimal it has eight digits', () => {
  assert.equal(crc32cHex(crc32c(Buffer.from('123456789'))), 'e3069283');
  assert.equal(crc32cHex(1), '00000001');
});
