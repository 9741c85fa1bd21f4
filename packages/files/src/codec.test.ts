import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as zlib from 'node:zlib';

import { ConfigError } from '@scoreline/service';

import { codecOf } from './codec.ts';

test('a Node without zstandard says so at start', () => {
  if ('zstdCompress' in zlib) assert.equal(codecOf('zstandard').name, 'zstandard');
  else assert.throws(() => codecOf('zstandard'), ConfigError);
});

test('blocks that snappy has compressed do not pile up in memory', async () => {
  const halves = [Buffer.alloc(50_000), randomBytes(50_000)];
  const block = Buffer.concat(Array.from({ length: 50 }, (_, i) => halves[i % 2]!));
  const codec = codecOf('snappy');
  await codec.encode(block);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 200; i++) await codec.encode(block);
  const grownBytes = process.memoryUsage.rss() - before;
  assert.ok(grownBytes < 150e6, `${Math.round(grownBytes / 1e6)} MB more`);
});
