import assert from 'node:assert/strict';
import { test } from 'node:test';

import { authority } from './tls.ts';

test('without ch_tls_ca, whom to trust is left to Node', () => {
  assert.deepEqual(authority(['https://ch.example:8443'], undefined), {});
});

test('a ch_tls_ca that nothing is asked of is refused', () => {
  assert.throws(() => authority(['http://ch.example:8123'], '/etc/ca.pem'), {
    code: 'ch-tls',
    message: /ch_tls_ca: has no effect/,
  });
});

test('a ch_tls_ca that cannot be read is refused', () => {
  assert.throws(() => authority(['https://ch.example:8443'], '/nonexistent/ca.pem'), {
    code: 'ch-tls',
    message: /ch_tls_ca: cannot read \/nonexistent\/ca\.pem/,
  });
});
