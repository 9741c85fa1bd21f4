import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Storage } from '@google-cloud/storage';
import { needServer, uniqueName } from '@scoreline/testing';

import { pagesOf } from './pages.ts';
import { makeBucket, putObject } from './testing/emulator.ts';

const SIGNAL = new AbortController().signal;

test('a listing has every object and folder, on however many pages', async (t) => {
  const apiEndpoint = needServer(t, 'gcs');
  if (!apiEndpoint) return;
  const name = uniqueName('pages');
  await makeBucket(apiEndpoint, name);
  const bucket = new Storage({ projectId: 'none', apiEndpoint }).bucket(name);
  const objects = ['2024/a', '2024/b', '2024/c', '2024/d', '2024/e', '2025/a', '2026/a'];
  for (const object of objects)
    await putObject(apiEndpoint, name, { name: object, bytes: Buffer.from('x') });
  const found = async (prefix: string) => {
    const pages: string[][] = [];
    for await (const { files } of pagesOf(bucket, { prefix, maxResults: 2 }, SIGNAL))
      pages.push(files.map((file) => file.name));
    return pages;
  };
  const pages = await found('2024/');
  assert.ok(pages.length > 2, `${pages.length} pages`);
  assert.deepEqual(pages.flat(), objects.slice(0, 5));
  const folders: string[] = [];
  for await (const { prefixes } of pagesOf(bucket, { delimiter: '/' }, SIGNAL))
    folders.push(...prefixes);
  assert.deepEqual(folders, ['2024/', '2025/', '2026/']);
  const late = AbortSignal.abort(new Error('not ours any more'));
  await assert.rejects(pagesOf(bucket, {}, late).next(), /not ours any more/);
});
