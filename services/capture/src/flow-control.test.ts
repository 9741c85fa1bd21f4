import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { FlowControl } from './flow-control.ts';

/** A flow that says what is done with it; the event at hand has so many more steps. */
function flow(steps: number): { control: FlowControl; done: string[]; onMore: () => void } {
  let left = steps;
  const made = {
    done: [] as string[],
    onMore: (): void => {},
    control: new FlowControl({
      stop: () => made.done.push('stop'),
      go: () => made.done.push('go'),
      more: () => {
        made.done.push('more');
        made.onMore();
        return --left > 0;
      },
      failed: (error) => made.done.push(String(error)),
    }),
  };
  return made;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}

test('an event is read step by step, and then the connection goes on', async () => {
  const { control, done } = flow(3);
  control.within();
  assert.deepEqual(done, ['stop'], 'others have their turn first');
  await settle();
  assert.deepEqual(done, ['stop', 'more', 'more', 'more', 'go']);
});

test('a pause within an event holds its next step, and a resume goes on with it', async () => {
  const made = flow(3);
  made.onMore = () => made.control.pause();
  made.control.within();
  const all = ['stop'];
  for (let step = 0; step < 3; step++) {
    await settle();
    all.push('more', 'stop');
    assert.deepEqual(made.done, all);
    made.control.resume();
  }
  all.push('go');
  await settle();
  assert.deepEqual(made.done, all);
});

test('a pause before the first step holds that, and no step is made twice', async () => {
  const { control, done } = flow(2);
  control.pause();
  control.within();
  await settle();
  assert.deepEqual(done, ['stop', 'stop']);
  control.resume();
  control.pause();
  control.resume();
  await settle();
  assert.deepEqual(done, ['stop', 'stop', 'stop', 'more', 'more', 'go']);
});

test('without a pause there is nothing to resume', async () => {
  const { control, done } = flow(1);
  control.resume();
  control.within();
  control.resume();
  await settle();
  assert.deepEqual(done, ['stop', 'more', 'go']);
});

test('nothing comes after an error, and nothing after the end', async () => {
  const broken = flow(3);
  broken.onMore = () => {
    throw new RangeError('no');
  };
  broken.control.within();
  await settle();
  assert.deepEqual(broken.done, ['stop', 'more', 'RangeError: no']);

  const ended = flow(3);
  ended.control.within();
  ended.control.end();
  await settle();
  ended.control.pause();
  ended.control.resume();
  await settle();
  assert.deepEqual(ended.done, ['stop', 'stop']);
});
