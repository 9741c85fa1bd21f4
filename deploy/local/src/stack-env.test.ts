import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import fc from 'fast-check';

import { formatEnv, parseEnv } from './stack-env.ts';

const AWKWARD = { DSN: `scoreline:p'a"ss$HOME\`id\`@tcp(127.0.0.1:1)/ntp?x=1&y=2`, EMPTY: '' };

test('a shell that sources stack.env sees the values as they are', () => {
  const script = `${formatEnv(AWKWARD)}printf '%s|%s' "$DSN" "$EMPTY"`;
  assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), `${AWKWARD.DSN}|`);
});

test('what is written to stack.env is read back', () => {
  const value = fc.string().filter((text) => !/[\n\r\u2028\u2029]/.test(text));
  const env = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/), value);
  fc.assert(
    fc.property(env, (one) => assert.deepEqual({ ...parseEnv(formatEnv(one)) }, { ...one })),
  );
});
