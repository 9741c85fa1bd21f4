import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { crc32c } from '@scoreline/kafka';
import { uniqueName } from '@scoreline/testing';

import type { NewObject } from '../object-store.ts';

/** An object of random bytes with a name of its own, its file gone with the test. */
export async function sampleObject(t: TestContext, size: number): Promise<NewObject> {
  const folder = await mkdtemp(join(tmpdir(), 'sample-object-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  const bytes = randomBytes(size);
  await writeFile(path, bytes);
  return {
    name: `${uniqueName('topic')}/dt=2026-01-31/p0003-00000000000000000017-00000000000000000942.avro`,
    path,
    size,
    crc32c: crc32c(bytes),
    metadata: { topic: 'log_scores-v1', partition: '3', first: '17', last: '942', rows: '926' },
  };
}
