import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import {
  encodeRow,
  FIRST_DAY_US,
  killMembers,
  pipeline,
  sampleRow,
  sinkProcess,
} from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { readAvro } from './read-avro.ts';
import { tempFolder } from './temp-folder.ts';

export interface KillCase {
  /** `gcs` */
  readonly sink: string;
  /** The service's program. */
  readonly main: string;
  /** Where it lands. */
  readonly place: Readonly<Record<string, string>>;
  /** Settings that make it another place. */
  readonly otherPlace: Readonly<Record<string, string>>;
  /** Every object whose name begins so, with its bytes. */
  readonly objects: (prefix: string) => Promise<ReadonlyMap<string, Buffer>>;
}

const PARTITIONS = 2;
const ROWS = 6_000;
const KILLS = 2;
const DAY_US = 86_400_000_000;

/** Of two days, in turns in each partition. */
const row = (id: number) =>
  sampleRow(id, { ts: FIRST_DAY_US + ((id >> 1) % 2) * DAY_US + id * 1000 });

/**
 * The service through kills with ranges pending: every row is in one file, as it was, and nothing is left over.
 * The names of the files; null without a Kafka.
 */
export async function killCase(
  t: TestContext,
  { sink, main, ...place }: KillCase,
): Promise<readonly string[] | null> {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return null;
  const p = await pipeline(t, brokers, { partitions: PARTITIONS });
  const env = {
    ...p.env,
    ...place.place,
    spool_dir: await tempFolder(t),
    batch_avro_max_size: '700',
    batch_avro_interval: '300ms',
    batch_avro_append_size: '100',
    session_timeout: '6s',
  };
  await killMembers(p, {
    sink,
    kills: KILLS,
    start: () => sinkProcess(t, main, env),
    produce: async (kill) => {
      const ids = Array.from({ length: ROWS }, (_, i) => kill * ROWS + i + 1);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const own = ids.filter((id) => id % PARTITIONS === partition);
        await p.produce(
          partition,
          own.map((id) => encodeRow(row(id))),
        );
      }
    },
  });

  const files = await place.objects(`${p.topic}/`);
  const rows = [];
  for (const [name, bytes] of files) {
    const day = /dt=(.{10})/.exec(name)?.[1];
    for (const one of (await readAvro(bytes)).rows) {
      assert.equal(new Date(one.ts / 1000).toISOString().slice(0, 10), day, name);
      rows.push(one);
    }
  }
  assert.deepEqual(
    rows.sort((a, b) => a.id - b.id),
    Array.from({ length: KILLS * ROWS }, (_, i) => row(i + 1)),
  );

  const commits = await p.commits(sink);
  const elsewhere = sinkProcess(t, main, { ...env, ...place.otherPlace });
  assert.equal(await elsewhere.exited, 1, elsewhere.output());
  assert.match(elsewhere.output(), /destination-changed/);
  assert.deepEqual(await p.commits(sink), commits);
  return [...files.keys()];
}
