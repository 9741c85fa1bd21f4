import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { missingRelease } from './clickhouse-connect.ts';

async function homeWith(t: { after(done: () => Promise<void>): void }, jar: string | null) {
  const home = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  t.after(() => rm(home, { recursive: true }));
  if (jar !== null) {
    await mkdir(join(home, 'lib'));
    await writeFile(join(home, 'lib', jar), '');
  }
  return home;
}

test('a release, unpacked or built, is found by its jar', async (t) => {
  for (const jar of [
    'clickhouse-kafka-connect-v1.5.0-confluent.jar',
    'clickhouse-kafka-connect-v1.5.0.jar',
    'clickhouse-kafka-connect-1.5.0.jar',
  ]) {
    assert.equal(await missingRelease(await homeWith(t, jar)), null, jar);
  }
});

test('another version, an empty folder and no folder are told with what to do', async (t) => {
  const set = /no package registry: set CLICKHOUSE_KAFKA_CONNECT_HOME/;
  assert.match((await missingRelease('')) ?? '', set);
  for (const jar of ['clickhouse-kafka-connect-v1.5.01.jar', 'other-v1.5.0.jar', null]) {
    const reason = await missingRelease(await homeWith(t, jar));
    assert.match(reason ?? '', /no clickhouse-kafka-connect-v1\.5\.0\*\.jar/, String(jar));
  }
});
