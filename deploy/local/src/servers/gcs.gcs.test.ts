import assert from 'node:assert/strict';
import { test } from 'node:test';

import { killAndStart, ownStack, stopWhole } from './testing/own-stack.ts';

test('GCS creates an object once, keeps it through kill -9, and stops whole', async (t) => {
  const stack = await ownStack(t, 'gcs');
  if (stack === null) return;
  const { GCS_ENDPOINT: endpoint = '', GCS_BUCKET: bucket = '' } = stack.env();
  const create = async (name: string, body: string): Promise<number> => {
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}&ifGenerationMatch=0`;
    const response = await fetch(endpoint + path, { method: 'POST', body });
    await response.arrayBuffer();
    return response.status;
  };
  const read = async (name: string): Promise<string> =>
    (await fetch(`${endpoint}/storage/v1/b/${bucket}/o/${name}?alt=media`)).text();

  assert.equal(await create('day%2Fone', 'first'), 200);
  assert.equal(await create('day%2Fone', 'second'), 412);
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => create('race', String(n))));
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    [200, ...Array.from({ length: 19 }, () => 412)],
  );

  await killAndStart(stack.gcs);
  assert.equal(await read('day%2Fone'), 'first');
  assert.equal(await create('day%2Fone', 'third'), 412);
  await stopWhole(stack.gcs);
});
