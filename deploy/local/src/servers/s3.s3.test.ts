import assert from 'node:assert/strict';
import { test } from 'node:test';

import { s3Request } from '../s3-request.ts';
import { killAndStart, ownStack, stopWhole } from './testing/own-stack.ts';

test('S3 creates an object once, keeps it through kill -9, and stops whole', async (t) => {
  const stack = await ownStack(t, 's3');
  if (stack === null) return;
  const env = stack.env();
  const pathOf = (name: string): string => `/${env['S3_BUCKET']}/${name}`;
  const create = async (name: string, body: string): Promise<number> => {
    const headers = { 'if-none-match': '*', 'x-amz-meta-rows': '7' };
    const response = await s3Request(env, { method: 'PUT', path: pathOf(name), headers, body });
    await response.arrayBuffer();
    return response.status;
  };
  const read = (name: string): Promise<Response> =>
    s3Request(env, { method: 'GET', path: pathOf(name) });

  assert.equal(await create('day/one', 'first'), 200);
  assert.equal(await create('day/one', 'second'), 412);
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => create('race', String(n))));
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    [200, ...Array.from({ length: 19 }, () => 412)],
  );

  await killAndStart(stack.s3);
  const kept = await read('day/one');
  assert.equal(kept.headers.get('x-amz-meta-rows'), '7');
  assert.equal(await kept.text(), 'first');
  assert.equal(await create('day/one', 'third'), 412);
  await stopWhole(stack.s3);
});

test('S3 refuses a request that another secret signed', async (t) => {
  const stack = await ownStack(t, 's3');
  if (stack === null) return;
  const env = { ...stack.env(), S3_SECRET_ACCESS_KEY: 'another' };
  const response = await s3Request(env, { method: 'GET', path: '/' });
  assert.equal(response.status, 403);
  assert.match(await response.text(), /SignatureDoesNotMatch/);
});
