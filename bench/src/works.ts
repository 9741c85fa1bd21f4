import { join } from 'node:path';

import { type Backlog, createTable, load, type Shape } from './backlog.ts';
import type { Bench } from './bench.ts';
import { Debezium } from './capture/debezium.ts';
import { Maxwell } from './capture/maxwell.ts';
import { captureEnv, ScorelineCapture } from './capture/scoreline.ts';
import { avroId, assertIdentical } from './identity.ts';
import { KafkaEngine } from './landing/kafka-engine.ts';
import type { LandingSource } from './landing/landing-contender.ts';
import { ScorelineLanding } from './landing/scoreline.ts';
import type { Missing, Outcome, Work } from './measurement.ts';
import type { Options } from './options.ts';
import { type Contender, inTurns } from './rounds.ts';
import { startService } from './service.ts';
import { readIdentity, watchTopic } from './topics.ts';

/** Backlogs that take about as long to drain as one wants to wait, but not less than a second. */
const ROWS: Record<Work, number> = {
  'capture-bulk': 1_000_000,
  'capture-single': 300_000,
  'landing-clickhouse': 2_000_000,
};

/** Prepares one work, lets every contender do it in turns, and tells how it went. */
export async function runWork(bench: Bench, work: Work, options: Options): Promise<Outcome[]> {
  const rows = options.rows ?? ROWS[work];
  const database = `bench_${work.replace('-', '_')}`;
  let backlog: Backlog | undefined;
  let source: LandingSource | undefined;
  const contenders = contendersFor(bench, work, {
    database,
    backlog: () => known(backlog),
    source: () => known(source),
  }).filter(({ system }) => options.only === null || system === options.only);

  await createTable(bench.sql, database);
  const ready: Contender[] = [];
  const missing: Missing[] = [];
  for (const contender of contenders) {
    const reason = await reasonItIsMissing(bench, contender);
    if (reason === null) ready.push(contender);
    else missing.push({ system: contender.system, work, missing: reason });
  }
  const shape: Shape = work === 'capture-single' ? 'single' : 'bulk';
  bench.say(`${work}: loading ${rows.toLocaleString('en-US')} rows`);
  const identity = await load(bench.sql, { shape, rows, signal: bench.signal });
  backlog = { database, identity };
  if (work === 'landing-clickhouse') source = await fillTopic(bench, backlog);
  const { rounds } = options;
  return inTurns(ready, missing, { work, rows, rounds, say: bench.say, signal: bench.signal });
}

interface Prepared {
  readonly database: string;
  readonly backlog: () => Backlog;
  readonly source: () => LandingSource;
}

function contendersFor(
  bench: Bench,
  work: Work,
  { database, backlog, source }: Prepared,
): Contender[] {
  switch (work) {
    case 'capture-bulk':
    case 'capture-single':
      return [
        new ScorelineCapture(bench, { database, backlog }),
        new Maxwell(bench, { database, backlog }),
        new Debezium(bench, { database, backlog, format: 'json' }),
        new Debezium(bench, { database, backlog, format: 'avro' }),
      ];
    case 'landing-clickhouse':
      return [
        new ScorelineLanding(bench, source),
        new KafkaEngine(bench, 1, source),
        new KafkaEngine(bench, 2, source),
      ];
    default:
      return work satisfies never;
  }
}

async function reasonItIsMissing(bench: Bench, contender: Contender): Promise<string | null> {
  try {
    return await contender.prepare();
  } catch (error) {
    if (contender.system === 'scoreline' || bench.signal.aborted) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** The topic that is landed is capture's own: its transactions, its batches, its ledger. */
async function fillTopic(bench: Bench, { database, identity }: Backlog): Promise<LandingSource> {
  const prefix = 'landing-';
  const topic = `${prefix}log_scores-v1`;
  const rows = identity.count;
  const capture = await startService(bench, 'capture', {
    logFile: join(bench.dir, 'landing', 'capture.log'),
    env: { ...captureEnv(bench, database), topic_prefix: prefix },
  });
  try {
    await watchTopic(bench, { topic, rows, process: capture });
  } finally {
    await capture.stop();
  }
  assertIdentical(
    `topic ${topic}`,
    await readIdentity(bench, { topic, rows, id: avroId }),
    identity,
  );
  return { topic, prefix, identity };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a contender was measured before there was a backlog');
  return value;
}
