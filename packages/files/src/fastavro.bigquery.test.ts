import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { EXTREME_ROWS, sampleRange, type SampleRow, sampleRow } from '@scoreline/landing/testing';
import { LOG_SCORE_V1 } from '@scoreline/schema';
import { needServer } from '@scoreline/testing';

import { FIRST, MemoryStore, tempFolder, testObjectSink } from './testing/index.ts';

const READER = fileURLToPath(new URL('../src/testing/read_avro.py', import.meta.url));
const ROWS = [
  ...EXTREME_ROWS,
  ...Array.from({ length: 1000 }, (_, i) => sampleRow(i + 1000)),
] as const;
const DOUBLES = new Set(
  LOG_SCORE_V1.fields
    .filter(({ type }) => JSON.stringify(type).includes('"double"'))
    .map(({ name }) => name as string),
);

for (const codec of ['null', 'deflate', 'snappy'] as const) {
  test(`Python’s fastavro reads files with codec ${codec} as they were`, async (t) => {
    if (!needServer(t, 'bigquery')) return;
    const store = new MemoryStore();
    const { sink } = await testObjectSink(t, { store, codec, blockRows: 300 });
    await sink.write(sampleRange(ROWS), FIRST, new AbortController().signal);
    const folder = await tempFolder(t);
    const files = [];
    for (const { bytes } of store.objects.values()) {
      const file = path.join(folder, `${files.length}.avro`);
      await writeFile(file, bytes);
      files.push(file);
    }
    const found = await readWithPython(files);
    assert.deepEqual(found.toSorted(byId), ROWS.map(asPrinted).toSorted(byId));
  });
}

type Printed = Readonly<Record<string, unknown>>;

/** In the Python of the BigQuery that is not Google's, which is made of the same library. */
async function readWithPython(files: readonly string[]): Promise<Printed[]> {
  const { stdout } = await promisify(execFile)(
    process.env['BIGQUERY_PYTHON'] ?? '',
    ['-I', READER, ...files],
    { maxBuffer: 64 * 2 ** 20 },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Printed);
}

function asPrinted(row: SampleRow): Printed {
  const values = Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (name === 'ts') return [name, { timestamp: value }];
    return [name, typeof value === 'number' && DOUBLES.has(name) ? bits(value) : value];
  });
  return Object.fromEntries(values) as Printed;
}

function bits(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

function byId(a: Printed, b: Printed): number {
  return Number(a['id']) - Number(b['id']);
}
