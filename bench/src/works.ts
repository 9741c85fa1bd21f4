import { type Backlog, createTable, load, type Shape } from './backlog.ts';
import type { Bench } from './bench.ts';
import { Debezium } from './capture/debezium.ts';
import { ScorelineFreshness } from './capture/freshness.ts';
import { Maxwell } from './capture/maxwell.ts';
import { ScorelineCapture } from './capture/scoreline.ts';
import type { LandingSource } from './landing/landing-contender.ts';
import { landingContenders } from './landing/landing-contenders.ts';
import { planOf } from './landing/landing-plan.ts';
import type { LandingSources } from './landing/landing-sources.ts';
import { ScorelineLedger } from './ledger/ledger-load.ts';
import {
  isLanding,
  type LandingWork,
  type Missing,
  type Outcome,
  type Work,
} from './measurement.ts';
import type { Options } from './options.ts';
import { PeerPurge } from './purge/peer-purge.ts';
import { ScorelinePurge } from './purge/scoreline-purge.ts';
import { type Contender, inTurns } from './rounds.ts';

type OtherWork = Exclude<Work, LandingWork>;

/** Backlogs that take about as long to drain as one wants to wait, but not less than a second. */
const ROWS: Record<OtherWork, number> = {
  'capture-bulk': 1_000_000,
  'capture-single': 300_000,
  'capture-reconcile': 1_000_000,
  'capture-freshness': 5_000_000,
  'ledger-load': 100_000_000,
  purge: 2_000_000,
};

/** Prepares one work, lets every contender do it in turns, and tells how it went. */
export async function runWork(
  bench: Bench,
  work: Work,
  options: Options,
  sources: LandingSources,
): Promise<Outcome[]> {
  return isLanding(work)
    ? runLanding(bench, work, options, sources)
    : runOther(bench, work, options);
}

/** What is landed is made for the first work that lands so much, when it is known that somebody can. */
async function runLanding(
  bench: Bench,
  work: LandingWork,
  options: Options,
  sources: LandingSources,
): Promise<Outcome[]> {
  const plan = planOf(work, options.rows);
  let source: LandingSource | undefined;
  const contenders = landingContenders(bench, work, plan, () => known(source));
  const { ready, missing } = await whoIsReady(bench, work, contenders, options);
  if (ready.length > 0) source = await sources.get(plan);
  return inTurns(ready, missing, {
    work,
    rows: plan.rows,
    rounds: options.rounds,
    say: bench.say,
    signal: bench.signal,
  });
}

async function runOther(bench: Bench, work: OtherWork, options: Options): Promise<Outcome[]> {
  const rows = options.rows ?? ROWS[work];
  const database = `bench_${work.replace('-', '_')}`;
  let backlog: Backlog | undefined;
  const contenders = contendersFor(bench, work, {
    database,
    rows,
    rounds: options.rounds,
    backlog: () => known(backlog),
  });
  const isOfRows = work !== 'ledger-load';
  if (isOfRows) await createTable(bench.sql, database);
  const { ready, missing } = await whoIsReady(bench, work, contenders, options);
  if (isOfRows) {
    const shape: Shape = work === 'capture-single' ? 'single' : 'bulk';
    bench.say(`${work}: loading ${rows.toLocaleString('en-US')} rows`);
    const identity = await load(bench.sql, { shape, rows, signal: bench.signal });
    backlog = { database, identity };
  }
  return inTurns(ready, missing, {
    work,
    rows,
    rounds: options.rounds,
    say: bench.say,
    signal: bench.signal,
  });
}

interface Ready {
  readonly ready: readonly Contender[];
  readonly missing: readonly Missing[];
}

async function whoIsReady(
  bench: Bench,
  work: Work,
  contenders: readonly Contender[],
  { only }: Options,
): Promise<Ready> {
  const ready: Contender[] = [];
  const missing: Missing[] = [];
  for (const contender of contenders) {
    if (only !== null && contender.system !== only) continue;
    const reason = await reasonItIsMissing(bench, contender);
    if (reason === null) ready.push(contender);
    else missing.push({ system: contender.system, work, missing: reason });
  }
  return { ready, missing };
}

interface Prepared {
  readonly database: string;
  readonly rows: number;
  readonly rounds: number;
  readonly backlog: () => Backlog;
}

function contendersFor(
  bench: Bench,
  work: OtherWork,
  { database, rows, rounds, backlog }: Prepared,
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
    case 'ledger-load':
      return [new ScorelineLedger(bench, { ids: rows })];
    case 'purge':
      return [
        new ScorelinePurge(bench, backlog),
        new PeerPurge(bench, 'archiver', backlog),
        new PeerPurge(bench, 'pt-archiver-style', backlog),
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

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a contender was measured before there was a backlog');
  return value;
}
