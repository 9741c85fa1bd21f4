import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import type { System } from '../measurement.ts';
import { MeasuredProcess } from '../process.ts';
import { formatProperties, type Properties } from './properties.ts';

export interface StandaloneOptions {
  readonly name: System;
  /** Of this run alone: what the worker remembers is in there, too. */
  readonly dir: string;
  /** Folders whose folders are plugins. */
  readonly plugins: readonly string[];
  readonly connector: Properties;
  readonly heap: string;
}

/** One connector in Kafka Connect standalone. */
export async function startConnect(
  { env, stack }: Bench,
  { name, dir, plugins, connector, heap }: StandaloneOptions,
): Promise<MeasuredProcess> {
  const brokers = env['KAFKA_BROKERS'] ?? '';
  const files = { worker: worker({ brokers, dir, plugins }), connector };
  const path = (file: string): string => join(dir, `${file}.properties`);
  for (const [file, properties] of Object.entries(files)) {
    await writeFile(path(file), formatProperties(properties));
  }
  return MeasuredProcess.start({
    name,
    command: 'java',
    args: [
      `-Xmx${heap}`,
      '-XX:+UseG1GC',
      '-cp',
      await stack.kafka.classpath(),
      'org.apache.kafka.connect.cli.ConnectStandalone',
      path('worker'),
      path('connector'),
    ],
    logFile: join(dir, 'connect.log'),
  });
}

/** A worker whose default is JSON without schemas. */
function worker({
  brokers,
  dir,
  plugins,
}: {
  readonly brokers: string;
  readonly dir: string;
  readonly plugins: readonly string[];
}): Properties {
  return {
    'bootstrap.servers': brokers,
    listeners: 'http://127.0.0.1:0',
    'offset.storage.file.filename': join(dir, 'offsets'),
    'offset.flush.interval.ms': 5000,
    'plugin.path': plugins.join(','),
    'plugin.discovery': 'hybrid_warn',
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': false,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': false,
    'connector.client.config.override.policy': 'All',
  };
}
