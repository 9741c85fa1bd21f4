import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseOptions, UsageError } from './options.ts';
import { SINK_NAMES } from './sinks.ts';

test('without options: a demo that runs until it is ended, at a rate that can be watched', () => {
  assert.deepEqual(parseOptions([], '/d'), {
    rows: null,
    mysql: false,
    sinks: ['clickhouse', 'file'],
    isLenient: false,
    rate: 1000,
    seed: 1,
    plant: null,
    dir: '/d',
  });
});

test('with rows: as fast as it goes, unless a rate is given', () => {
  assert.equal(parseOptions(['--rows', '300000'], '/d').rate, 0);
  assert.equal(parseOptions(['--rows', '300000', '--rate', '5'], '/d').rate, 5);
});

test('a plant is in ClickHouse unless it says where', () => {
  const plantOf = (text: string): unknown =>
    parseOptions(['--rows', '1', '--plant', text], '/d').plant;
  assert.deepEqual(plantOf('flip'), { damage: 'flip', place: 'clickhouse' });
  assert.deepEqual(plantOf('dup:topic'), { damage: 'dup', place: 'topic' });
});

test('sinks are named once each, or all at once', () => {
  assert.deepEqual(parseOptions(['--sinks', 'file, clickhouse,file'], '/d').sinks, [
    'file',
    'clickhouse',
  ]);
  const { sinks, isLenient } = parseOptions(['--all'], '/d');
  assert.deepEqual([sinks, isLenient], [SINK_NAMES, true]);
});

for (const [args, said] of [
  [['--rows', 'many'], /--rows: expected a whole number from 1, got "many"/],
  [['--rows', '0'], /--rows/],
  [['--seed', ''], /--seed/],
  [['--plant', 'drop'], /--plant needs --rows/],
  [['--rows', '1', '--plant', 'burn'], /expected drop, dup or flip, got "burn"/],
  [['--rows', '1', '--plant', 'drop:mysql'], /--plant/],
  [['--rows', '1', '--sinks', 'file', '--plant', 'drop'], /clickhouse is not among the sinks/],
  [['--sinks', 'tape'], /--sinks: expected clickhouse, file, .*got "tape"/],
  [['--sinks', 'file', '--all'], /exclude each other/],
  [['--fast'], /--fast/],
  [['more'], /more/],
] as const) {
  test(`${args.join(' ')} is refused in words`, () => {
    assert.throws(
      () => parseOptions(args, '/d'),
      (error) => {
        return error instanceof UsageError && said.test(error.message);
      },
    );
  });
}
