import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isWithin, parsePurgeWindows } from './purge-window.ts';

const at = (time: string) => new Date(`2026-01-31T${time}:59.999Z`);
const within = (text: string, time: string) => isWithin(parsePurgeWindows(text), at(time));

test('a window has its first minute and not its last', () => {
  assert.ok(!within('02:00-05:30', '01:59'));
  assert.ok(within('02:00-05:30', '02:00'));
  assert.ok(within('02:00-05:30', '05:29'));
  assert.ok(!within('02:00-05:30', '05:30'));
});

test('a window may go over midnight, and there may be several', () => {
  for (const time of ['22:00', '23:59', '00:00', '05:59'])
    assert.ok(within('22:00-06:00', time), time);
  for (const time of ['06:00', '21:59']) assert.ok(!within('22:00-06:00', time), time);
  assert.ok(within('01:00-02:00, 13:00-14:00', '13:30'));
  assert.ok(!within('01:00-02:00, 13:00-14:00', '12:59'));
  assert.ok(within('20:00-24:00', '23:59'));
  assert.ok(!within('20:00-24:00', '00:00'));
});

test('without one it is always time', () => {
  assert.ok(isWithin([], at('12:00')));
});

test('what is no window is told', () => {
  for (const text of [
    '',
    'night',
    '1:00-2:00',
    '25:00-26:00',
    '01:60-02:00',
    '24:01-02:00',
    '03:00-03:00',
  ]) {
    assert.throws(() => parsePurgeWindows(text), RangeError, text);
  }
});
