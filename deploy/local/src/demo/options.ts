import { parseArgs } from 'node:util';

import { BY_DEFAULT, SINK_NAMES, type SinkName } from './sinks.ts';

export const USAGE = `npm run demo [-- OPTIONS]
  --rows N        write N rows, wait until all have landed, compare every row, purge MySQL of the
                  half that is old, show where every row is then, and end
  --sinks A,B     where rows land, of ${SINK_NAMES.join(', ')} (default ${BY_DEFAULT.join(',')})
  --all           in all of them; what this machine cannot run is left out, and named
  --mysql         MySQL 9.7 as the source, instead of MariaDB 11.4
  --rate R        rows per second; 0 is as fast as it goes (default: 1000, with --rows 0)
  --seed S        names the traffic (default 1)
  --plant drop|dup|flip[:topic|:clickhouse|:file]
                  with --rows: damage one row before the comparison, which must find it; no purge
  --dir D         folder for the servers' data (default .local); it begins empty each time`;

const DAMAGES = ['drop', 'dup', 'flip'] as const;
const PLACES = ['topic', 'clickhouse', 'file'] as const;

/** One row to damage, and where. */
export interface Plant {
  readonly damage: (typeof DAMAGES)[number];
  readonly place: (typeof PLACES)[number];
}

export interface DemoOptions {
  /** Rows to write and compare; null for a demo that runs until it is ended. */
  readonly rows: number | null;
  readonly mysql: boolean;
  readonly sinks: readonly SinkName[];
  /** Whether sinks whose servers this machine cannot run are left out. */
  readonly isLenient: boolean;
  /** Rows per second, 0 without limit. */
  readonly rate: number;
  readonly seed: number;
  readonly plant: Plant | null;
  readonly dir: string;
}

/** What was asked for that cannot be; the message says what can. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[], defaultDir: string): DemoOptions {
  const values = parse(args);
  const rows = values.rows === undefined ? null : wholeNumber('rows', values.rows, 1);
  const plant = values.plant === undefined ? null : parsePlant(values.plant);
  const sinks = sinksOf(values);
  if (plant !== null && rows === null) throw new UsageError(`--plant needs --rows\n${USAGE}`);
  if (plant !== null && plant.place !== 'topic' && !sinks.includes(plant.place)) {
    throw new UsageError(`--plant: ${plant.place} is not among the sinks\n${USAGE}`);
  }
  return {
    rows,
    mysql: values.mysql ?? false,
    sinks,
    isLenient: values.all ?? false,
    rate: wholeNumber('rate', values.rate ?? (rows === null ? '1000' : '0'), 0),
    seed: wholeNumber('seed', values.seed ?? '1', 0),
    plant,
    dir: values.dir ?? defaultDir,
  };
}

interface Values {
  readonly [name: string]: string | boolean | undefined;
  readonly rows?: string;
  readonly mysql?: boolean;
  readonly all?: boolean;
  readonly sinks?: string;
  readonly rate?: string;
  readonly seed?: string;
  readonly plant?: string;
  readonly dir?: string;
}

function parse(args: readonly string[]): Values {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const numbers = { rows: string, rate: string, seed: string };
  const texts = { plant: string, dir: string, sinks: string };
  try {
    const options = { ...numbers, ...texts, mysql: boolean, all: boolean };
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

function sinksOf({ sinks, all }: Values): readonly SinkName[] {
  if (all && sinks !== undefined)
    throw new UsageError(`--all and --sinks exclude each other\n${USAGE}`);
  if (all) return SINK_NAMES;
  return sinks === undefined ? BY_DEFAULT : [...new Set(sinks.split(',').map(sinkName))];
}

function sinkName(text: string): SinkName {
  const name = SINK_NAMES.find((one) => one === text.trim());
  if (name !== undefined) return name;
  throw new UsageError(
    `--sinks: expected ${SINK_NAMES.join(', ')}, got ${JSON.stringify(text)}\n${USAGE}`,
  );
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(
    `--${name}: expected a whole number from ${least}, got ${JSON.stringify(text)}\n${USAGE}`,
  );
}

function parsePlant(text: string): Plant {
  const [first, second = 'clickhouse'] = text.split(':');
  const damage = DAMAGES.find((one) => one === first);
  const place = PLACES.find((one) => one === second);
  if (damage === undefined || place === undefined) {
    throw new UsageError(
      `--plant: expected drop, dup or flip, got ${JSON.stringify(text)}\n${USAGE}`,
    );
  }
  return { damage, place };
}
