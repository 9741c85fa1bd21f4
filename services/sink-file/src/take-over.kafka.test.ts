import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { archiverFile, tempFolder } from '@scoreline/files/testing';
import { killMembers, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { avroFiles } from './testing/world.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 10_000;

/** The archiver's last id, and what it has never seen: transactions that committed when it was past them. */
const BOUND = 7000;
const isLate = (id: number) => id % 50 > 46;

const ids = Array.from({ length: ROWS }, (_, i) => i + 1);

test('an archiver’s folder is taken over while a process is killed: its files stay, and what they lack lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const avro_path = await tempFolder(t);
  const left = new Map<string, Buffer>();
  for (let from = 1; from <= BOUND; from += 2000) {
    const some = ids.filter((id) => id >= from && id < from + 2000 && id <= BOUND && !isLate(id));
    const { name, bytes } = await archiverFile(some.map((id) => sampleRow(id)));
    left.set(name, bytes);
    await writeFile(path.join(avro_path, name), bytes);
  }
  const env = {
    ...p.env,
    avro_path,
    existing_rows: 'anti-join',
    batch_avro_max_size: '700',
    batch_avro_interval: '300ms',
    session_timeout: '6s',
  };
  await killMembers(p, {
    sink: 'file',
    kills: 1,
    start: () => sinkProcess(t, MAIN, env),
    produce: () => p.produceIds(1, ROWS + 1),
  });
  for (const [name, bytes] of left) {
    assert.deepEqual(await readFile(path.join(avro_path, name)), bytes);
  }
  const own = [...(await avroFiles(avro_path))].filter(([name]) => !left.has(name));
  const rows = own.flatMap(([, file]) => file.rows).sort((a, b) => a.id - b.id);
  const lacking = ids.filter((id) => id > BOUND || isLate(id));
  assert.deepEqual(
    rows,
    lacking.map((id) => sampleRow(id)),
  );
});
