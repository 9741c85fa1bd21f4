import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Turns } from './turns.ts';

test('the first is heard at once, and the others behind it, each in one piece', () => {
  const heard: string[] = [];
  const turns = new Turns<string>((event) => heard.push(event));
  const [a, b, c] = [turns.take(), turns.take(), turns.take()];
  b.write('b1');
  a.write('a1');
  c.write('c1');
  assert.deepEqual(heard, ['a1']);
  c.end();
  b.write('b2');
  a.write('a2');
  a.end();
  assert.deepEqual(heard, ['a1', 'a2', 'b1', 'b2']);
  b.write('b3');
  b.end();
  assert.deepEqual(heard, ['a1', 'a2', 'b1', 'b2', 'b3', 'c1']);
  const d = turns.take();
  d.write('d1');
  assert.equal(heard.at(-1), 'd1');
});
