import { type Backlog, createTable, load, type Shape } from './backlog.ts';
import type { Bench } from './bench.ts';
import { beginCapture } from './capture/capture-service.ts';
import { Debezium } from './capture/debezium.ts';
import { ScorelineFreshness } from './capture/freshness.ts';
import { Maxwell } from './capture/maxwell.ts';
import { ScorelineCapture } from './capture/scoreline.ts';
import { fillTopic } from './landing/fill-topic.ts';
import { KafkaEngine } from './landing/kafka-engine.ts';
import type { LandingSource } from './landing/landing-contender.ts';
import { ScorelineLanding } from './landing/scoreline.ts';
import { ScorelineLedger } from './ledger/ledger-load.ts';
import type { Missing, Outcome, Work } from './measurement.ts';
import type { Options } from './options.ts';
import { type Contender, inTurns } from './rounds.ts';

/** Backlogs that take about as long to drain as one wants to wait, but not less than a second. */
const ROWS: Record<Work, number> = {
  'capture-bulk': 1_000_000,
  'capture-single': 300_000,
  'capture-reconcile': 1_000_000,
  'capture-freshness': 5_000_000,
  'landing-clickhouse': 2_000_000,
  'ledger-load': 100_000_000,
};

/** Prepares one work, lets every contender do it in turns, and tells how it went. */
export async function runWork(bench: Bench, work: Work, options: Options): Promise<Outcome[]> {
  const rows = options.rows ?? ROWS[work];
  const { rounds, only } = options;
  const database = `bench_${work.replace('-', '_')}`;
  let backlog: Backlog | undefined;
  let source: LandingSource | undefined;
  const contenders = contendersFor(bench, work, {
    database,
    rows,
    rounds,
    backlog: () => known(backlog),
    source: () => known(source),
  }).filter(({ system }) => only === null || system === only);

  const isOfRows = work !== 'ledger-load';
  const landing = { database, prefix: 'landing-' };
  if (isOfRows) await createTable(bench.sql, database);
  if (work === 'landing-clickhouse') await beginCapture(bench, landing);
  const ready: Contender[] = [];
  const missing: Missing[] = [];
  for (const contender of contenders) {
    const reason = await reasonItIsMissing(bench, contender);
    if (reason === null) ready.push(contender);
    else missing.push({ system: contender.system, work, missing: reason });
  }
  if (isOfRows) {
    const shape: Shape = work === 'capture-single' ? 'single' : 'bulk';
    bench.say(`${work}: loading ${rows.toLocaleString('en-US')} rows`);
    const identity = await load(bench.sql, { shape, rows, signal: bench.signal });
    backlog = { database, identity };
    if (work === 'landing-clickhouse') source = await fillTopic(bench, backlog, landing);
  }
  return inTurns(ready, missing, { work, rows, rounds, say: bench.say, signal: bench.signal });
}

interface Prepared {
  readonly database: string;
  readonly rows: number;
  readonly rounds: number;
  readonly backlog: () => Backlog;
  readonly source: () => LandingSource;
}

function contendersFor(
  bench: Bench,
  work: Work,
  { database, rows, rounds, backlog, source }: Prepared,
): Contender[] {
  switch (work) {
    case 'capture-bulk':
    case 'capture-single':
      return [
        new ScorelineCapture(bench, { database, backlog, rounds, from: 'binlog' }),
        new Maxwell(bench, { database, backlog }),
        new Debezium(bench, { database, backlog, format: 'json' }),
        new Debezium(bench, { database, backlog, format: 'avro' }),
      ];
    case 'capture-reconcile':
      return [new ScorelineCapture(bench, { database, backlog, rounds, from: 'table' })];
    case 'capture-freshness':
      return [new ScorelineFreshness(bench, { database })];
    case 'landing-clickhouse':
      return [
        new ScorelineLanding(bench, source),
        new KafkaEngine(bench, 1, source),
        new KafkaEngine(bench, 2, source),
      ];
    case 'ledger-load':
      return [new ScorelineLedger(bench, { ids: rows })];
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

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a contender was measured before there was a backlog');
  return value;
}
