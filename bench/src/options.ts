import { parseArgs } from 'node:util';

import { type System, type Work, WORKS } from './measurement.ts';

export interface Options {
  readonly works: readonly Work[];
  /** Of every backlog; each work's own number when null. */
  readonly rows: number | null;
  readonly rounds: number;
  readonly only: System | null;
  readonly json: boolean;
  readonly help: boolean;
}

const SYSTEMS: Record<System, true> = {
  scoreline: true,
  debezium: true,
  'debezium-avro': true,
  maxwell: true,
  'clickhouse-kafka-engine': true,
  'clickhouse-kafka-engine-2': true,
  'clickhouse-kafka-connect': true,
  archiver: true,
  'pt-archiver-style': true,
};

export const USAGE = `npm run bench -- [WORK]... [options]
  WORK           one of ${WORKS.join(', ')},
                 or what some begin with: capture, landing, landing-file, ledger; all without one
  --rows N       rows of each backlog (1,000,000 bulk and reconcile, 300,000 single, 5,000,000
                 freshness, 2,000,000 landing, but 1,000,000 bigquery and 10,000,000 large,
                 2,000,000 purge), ids of the ledger (100,000,000)
  --rounds N     how often each system takes its turn; the median is told (3)
  --only SYSTEM  one of ${Object.keys(SYSTEMS).join(', ')}
  --json         one JSON object a line instead of the table
  --help         this
Maxwell takes part when MAXWELL_HOME names an unpacked release, ClickHouse's connector for Kafka Connect
when CLICKHOUSE_KAFKA_CONNECT_HOME does.
BENCH_NODE_OPTIONS is given to our services' node, as in --cpu-prof --cpu-prof-dir=/tmp/profiles.`;

/** Throws a TypeError in words when the command line makes no sense. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only ?? null;
  if (only !== null && !isSystem(only)) throw new TypeError(`--only ${only}: there is none such`);
  return {
    works: worksOf(positionals),
    rows: values.rows === undefined ? null : positiveInteger('--rows', values.rows),
    rounds: positiveInteger('--rounds', values.rounds),
    only,
    json: values.json,
    help: values.help,
  };
}

function worksOf(names: readonly string[]): readonly Work[] {
  for (const name of names) {
    if (!WORKS.some((work) => isPartOf(work, name))) throw new TypeError(`${name}: no such work`);
  }
  return names.length === 0
    ? WORKS
    : WORKS.filter((work) => names.some((name) => isPartOf(work, name)));
}

/** `capture` names all of its works, `capture-bulk` the one. */
function isPartOf(work: Work, name: string): boolean {
  return work === name || work.startsWith(`${name}-`);
}

function isSystem(name: string): name is System {
  return Object.hasOwn(SYSTEMS, name);
}

function positiveInteger(name: string, value: string): number {
  const number = Number(value.replaceAll('_', ''));
  if (!Number.isSafeInteger(number) || number < 1)
    throw new TypeError(`${name} ${value}: expected a whole number above 0`);
  return number;
}
