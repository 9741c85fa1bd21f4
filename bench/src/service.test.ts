import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listensAt } from './service.ts';

const line = (fields: object): string => `${JSON.stringify(fields)}\n`;

test('where a service listens is in its log, as soon as the line is whole', () => {
  const before = line({ level: 'info', url: 'http://registry:8081', msg: 'schema registered' });
  const listening = line({
    level: 'info',
    name: 'capture',
    url: 'http://127.0.0.1:41234',
    msg: 'http listening',
  });
  assert.equal(listensAt(''), null);
  assert.equal(listensAt(before), null);
  assert.equal(listensAt(before + listening.slice(0, -12)), null);
  assert.equal(listensAt(before + listening + before), 'http://127.0.0.1:41234');
});
