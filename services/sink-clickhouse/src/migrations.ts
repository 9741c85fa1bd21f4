import type { Catalog, TopicVersion } from '@scoreline/schema';

import { COLUMNS } from './columns.ts';

/** One step of a table that this sink has made. Numbers only rise, and a step never changes. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** What it added. Nothing is ever removed or changed: versions from before go on inserting. */
  readonly columns: readonly string[];
}

/** Of version 1 of the topic. */
export const MIGRATIONS: readonly Migration[] = [
  {
    number: 0,
    name: 'the first columns',
    columns: [
      'dt',
      'id',
      'monitor_id',
      'server_id',
      'ts',
      'score',
      'step',
      'offset',
      'rtt',
      'leap',
      'stratum',
      'no_response',
      'warning',
      'error',
      'from_ls_id',
      'from_ss_id',
      'attributes',
    ],
  },
  { number: 1, name: 'columns that are kept', columns: ['extra'] },
];

/** Above all numbers that migrations of version 1 will ever have. */
const VERSIONS_FROM = 1_000;

/** With those of later versions, each of which has one. */
export function migrationsFor([first, ...later]: Catalog): readonly Migration[] {
  let before: TopicVersion = first;
  const added = later.map((version) => {
    const columns = version.added.slice(before.added.length).map(({ name }) => name);
    before = version;
    const number = VERSIONS_FROM + version.number;
    return { number, name: `the columns of topic version ${version.number}`, columns };
  });
  return [...MIGRATIONS, ...added];
}

/** Those that the table's record lacks: to be made where their columns are missing, and recorded. */
export function unrecorded(
  migrations: readonly Migration[],
  records: readonly Migration[],
): Migration[] {
  return migrations.filter(({ number }) => records.every((record) => record.number !== number));
}

/** The columns that a table had when it was first made by this sink. */
export const FIRST_COLUMNS = COLUMNS.filter(({ name }) => MIGRATIONS[0]?.columns.includes(name));
