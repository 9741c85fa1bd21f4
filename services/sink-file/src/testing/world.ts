import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { nodeFiles, objectMetrics } from '@scoreline/files';
import { type AvroFile, readAvro } from '@scoreline/files/testing';
import { quiet, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { createMetrics, loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { settings } from '../config.ts';
import { fileSink } from '../file-sink.ts';
import { OWN_FOLDER } from '../file-store.ts';

const DAY_US = 86_400_000_000;

export const ROWS = Array.from({ length: 300 }, (_, i) =>
  sampleRow(i + 1, { ts: (20_000 + (i % 2)) * DAY_US + i }),
);
export const RANGE = sampleRange(ROWS, { first: 17n, partition: 3 });
export const NAMES = ['2024-10-04', '2024-10-05'].map(
  (day) => `log_scores-v1/dt=${day}/p0003-00000000000000000017-00000000000000000316.avro`,
);
export const SIGNAL: globalThis.AbortSignal = new AbortController().signal;

/** The sink alone, without Kafka. */
export function testSink(root: string, { files = nodeFiles, env = {} } = {}) {
  const config = loadConfig(z.object(settings.shape), {
    kafka_brokers: 'none:1',
    schema_registry_url: 'http://none',
    avro_path: root,
    ...env,
  });
  return fileSink(config, { log: quiet, metrics: objectMetrics(createMetrics()), files });
}

/** A process's whole life with one range. */
export async function landOnce(root: string, { files = nodeFiles, replay = false } = {}) {
  const sink = testSink(root, { files });
  const destination = await sink.start(SIGNAL);
  await sink.write(RANGE, { number: 1, replay }, SIGNAL);
  await sink.stop();
  return destination;
}

/** Every Avro file that is kept in a folder, by name. */
export async function avroFiles(root: string): Promise<Map<string, AvroFile & { size: number }>> {
  const found = new Map<string, AvroFile & { size: number }>();
  for (const [name, bytes] of await keptFiles(root)) {
    found.set(name, { ...(await readAvro(bytes)), size: bytes.length });
  }
  return found;
}

/** Their bytes, of those whose names begin so. */
export async function keptFiles(root: string, prefix = ''): Promise<Map<string, Buffer>> {
  const names = await readdir(root, { recursive: true });
  const kept = names.filter((name) => name.endsWith('.avro') && !name.startsWith(OWN_FOLDER));
  const found = new Map<string, Buffer>();
  for (const name of kept.toSorted()) {
    if (name.startsWith(prefix)) found.set(name, await readFile(path.join(root, name)));
  }
  return found;
}

export interface ManifestLine {
  readonly name: string;
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The manifest's lines; what is no JSON is left out. */
export async function manifestOf(root: string, topic = 'log_scores-v1'): Promise<ManifestLine[]> {
  const text = await readFile(path.join(root, topic, '_manifest.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}}'))
    .map((line) => JSON.parse(line) as ManifestLine);
}
