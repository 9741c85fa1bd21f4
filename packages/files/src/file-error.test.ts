import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ScorelineError } from '@scoreline/service';

import { fileError } from './file-error.ts';

function errno(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'write', path: '/a/b' });
}

for (const [code, action, ours] of [
  ['ENOSPC', 'retry', 'disk-full'],
  ['EDQUOT', 'retry', 'disk-full'],
  ['EMFILE', 'retry', 'file-failed'],
  ['ENOENT', 'retry', 'file-failed'],
  ['ESTALE', 'retry', 'file-failed'],
  ['EACCES', 'stop', 'folder-not-writable'],
  ['EROFS', 'stop', 'folder-not-writable'],
  ['EIO', 'stop', 'file-system-error'],
  ['ENOTDIR', 'stop', 'file-system-error'],
] as const) {
  test(`${code} asks to ${action}`, () => {
    const error = fileError(errno(code), 'storing x');
    assert.ok(error instanceof ScorelineError);
    assert.deepEqual([error.action, error.code], [action, ours]);
    assert.equal(error.message, `storing x: ${code} of write /a/b`);
  });
}

test('an error of another kind stays what it is', () => {
  for (const error of [new TypeError('x'), 'text', undefined])
    assert.equal(fileError(error, 'storing x'), error);
});
