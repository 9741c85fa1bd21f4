import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextVersion, VERSION_1 } from '@scoreline/schema';
import avsc from 'avsc';

import { valuesOf } from './values-of.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
const ROW = { id: 5, server_id: 2, ts: 1, score: 1, step: 1, monitor_id: null, offset: 0.25 };

function datum({ json }: typeof VERSION_1, jitter: number | null): Buffer {
  const type = avsc.Type.forSchema(JSON.parse(json) as avsc.Schema);
  const none = ['rtt', 'leap', 'stratum', 'no_response', 'error', 'warning', 'from_ls_id'];
  const nulls = Object.fromEntries([...none, 'from_ss_id', 'attributes'].map((one) => [one, null]));
  return type.toBuffer({ ...ROW, ...nulls, extra: {}, jitter });
}

test('a row is the same in two versions while nothing that was added has a value', () => {
  const before = valuesOf(datum(VERSION_1, null), VERSION_1);
  assert.deepEqual(before, datum(VERSION_1, null));
  assert.deepEqual(valuesOf(datum(VERSION_2, null), VERSION_2), before);
  assert.notDeepEqual(valuesOf(datum(VERSION_2, 0), VERSION_2), before);
});
