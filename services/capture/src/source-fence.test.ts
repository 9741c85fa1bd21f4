import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BinlogPosition } from '@scoreline/ledger';
import fc from 'fast-check';

import { FenceWatch } from './source-fence.ts';

const at = (number: number, offset: number): BinlogPosition => ({
  file: `binlog.${String(number).padStart(6, '0')}`,
  offset,
});

/** A stream that has been read up to here. */
function watching(read: BinlogPosition): FenceWatch {
  const watch = new FenceWatch();
  watch.begin();
  watch.read(read, 0);
  return watch;
}

test('a source that is where the stream is has nothing to wait for', () => {
  const watch = watching(at(1, 500));
  watch.asked(at(1, 500), 10);
  assert.equal(watch.overdueMs(1_000_000), 0);
});

test('a fence is overdue from when it was asked on, and not once it is passed', () => {
  const watch = watching(at(1, 500));
  watch.asked(at(1, 900), 10);
  watch.asked(at(1, 950), 40);
  assert.equal(watch.overdueMs(50), 40, 'the oldest one counts');
  watch.read(at(1, 950), 60);
  assert.equal(watch.overdueMs(10_000), 0);
});

test('as long as something comes, a fence that is far away is not overdue', () => {
  const watch = watching(at(1, 500));
  watch.asked(at(9, 900), 0);
  for (let second = 1; second <= 100; second++) {
    watch.read(at(1, 500 + second), second * 1_000);
    assert.equal(watch.overdueMs(second * 1_000 + 999), 999);
  }
  watch.read(at(1, 600), 200_000);
  assert.equal(watch.overdueMs(200_000), 100_000, 'the same position again is no progress');
});

test('the start of the next file is passed by the rotation, not by the end of the file before', () => {
  const watch = watching(at(1, 123_456));
  watch.asked(at(2, 4), 0);
  assert.equal(watch.overdueMs(7), 7);
  watch.read(at(2, 4), 8);
  assert.equal(watch.overdueMs(100), 0);
});

test('files compare by their number, which may gain a digit', () => {
  const watch = watching({ file: 'binlog.1000000', offset: 4 });
  watch.asked({ file: 'binlog.999999', offset: 9_000 }, 0);
  assert.equal(watch.overdueMs(100), 0);
});

test('a stream that has brought nothing at all has passed no fence', () => {
  const watch = new FenceWatch();
  watch.begin();
  watch.asked(at(1, 4), 5);
  assert.equal(watch.overdueMs(15), 10);
});

test('a fence that was missed is remembered until a later stream has passed it', () => {
  const watch = watching(at(3, 100));
  watch.asked(at(3, 400), 0);
  watch.miss();
  watch.begin();
  assert.equal(watch.overdueMs(1_000), 0, 'the next stream has time of its own');
  watch.read(at(3, 399), 1_000);
  assert.deepEqual(watch.missed, at(3, 400));
  watch.read(at(3, 401), 1_001);
  assert.equal(watch.missed, null);
});

type Step =
  | { readonly kind: 'asked' | 'read'; readonly further: number }
  | { readonly kind: 'paused' };

const steps = fc.array(
  fc.record({
    afterMs: fc.nat(50),
    step: fc.oneof(
      fc.record({ kind: fc.constantFrom('asked', 'read'), further: fc.nat(12) }),
      fc.record({ kind: fc.constant('paused') }),
    ) as fc.Arbitrary<Step>,
  }),
  { maxLength: 60 },
);

/** Seven events a file, so that rotations are everywhere. */
const place = (event: number): BinlogPosition => at(1 + Math.floor(event / 7), 4 + (event % 7));

test('whatever happens, overdue is the time without progress since the oldest unpassed fence', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const watch = watching(place(0));
      // The long way: every fence kept, with the times at which its clock was set back.
      let fences: { event: number; atMs: number }[] = [];
      let [now, source, read, progressAt] = [0, 0, 0, 0];
      for (const { afterMs, step } of all) {
        now += afterMs;
        if (step.kind === 'asked') {
          source += step.further;
          fences.push({ event: source, atMs: now });
          watch.asked(place(source), now);
        } else if (step.kind === 'read') {
          // A stream cannot be further than the source is; the source is asked seldom, though.
          if (step.further > 0) progressAt = now;
          read += step.further;
          source = Math.max(source, read);
          watch.read(place(read), now);
        } else {
          progressAt = now;
          watch.paused(now);
        }
        fences = fences.filter(({ event }) => event > read);
        const oldest = fences[0];
        const expected = oldest === undefined ? 0 : now + 5 - Math.max(oldest.atMs, progressAt);
        assert.equal(watch.overdueMs(now + 5), expected);
      }
    }),
  );
});

test('time during which reading is paused is never counted', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(1_000), (pausedMs, afterMs) => {
      const watch = watching(at(1, 4));
      watch.asked(at(1, 5), 0);
      watch.paused(pausedMs);
      assert.equal(watch.overdueMs(pausedMs + afterMs), afterMs);
    }),
  );
});

test('a fence of another server is waited for no longer', () => {
  const watch = watching(at(9, 500));
  watch.asked(at(9, 900), 10);
  watch.miss();
  assert.deepEqual(watch.missed, at(9, 900));
  watch.forget();
  assert.equal(watch.missed, null);
  assert.equal(watch.position, null);
  assert.equal(watch.overdueMs(1_000_000), 0);
});
