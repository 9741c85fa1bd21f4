import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requiredConfigs, rowTopicSpec, wrongConfigs } from './topic-spec.ts';

const spec = rowTopicSpec('rows', 6);
const values = (replication: number): Map<string, string> =>
  new Map(
    Object.entries(requiredConfigs(spec, replication)).map(([name, { value }]) => [name, value]),
  );

test('where there are replicas, two of them must have a row before it counts', () => {
  assert.equal(values(1).has('min.insync.replicas'), false);
  assert.equal(values(2).get('min.insync.replicas'), '2');
  assert.equal(values(3).get('min.insync.replicas'), '2');
});

for (const [config, seen, isWrong] of [
  ['min.insync.replicas', '1', true],
  ['min.insync.replicas', '3', false],
  ['max.message.bytes', '1048587', true],
  ['max.message.bytes', '1048588', false],
  ['retention.ms', '604800000', true],
  ['message.timestamp.after.max.ms', '3600000', true],
  ['compression.type', 'lz4', true],
  ['cleanup.policy', 'compact,delete', true],
  ['message.timestamp.type', 'LogAppendTime', true],
  ['unclean.leader.election.enable', 'true', true],
] as const) {
  test(`${config}=${seen} is ${isWrong ? 'refused' : 'taken'}`, () => {
    const found = new Map([...values(3), [config, seen]]);
    const wrong = wrongConfigs(found, requiredConfigs(spec, 3));
    assert.deepEqual(
      wrong.map(({ name, seen: value }) => [name, value]),
      isWrong ? [[config, seen]] : [],
    );
  });
}

test('a config that the broker does not know cannot be wrong', () => {
  const found = values(3);
  found.delete('message.timestamp.after.max.ms');
  assert.deepEqual(wrongConfigs(found, requiredConfigs(spec, 3)), []);
});
