import type { BadInput } from './bad-input.ts';
import type { World } from './world.ts';

const REFUSED = { service: 'sink-clickhouse', exitCode: 2, code: 'table-mismatch' } as const;

/** As its predecessor made it: floats of half the width, no dedup window, nothing synced. */
const ARCHIVERS = `CREATE TABLE {database}.log_scores (
  dt Date, id UInt64, monitor_id UInt32, server_id UInt32, ts DateTime, score Float32, step Float32,
  offset Nullable(Float64), rtt Nullable(UInt32), leap Nullable(UInt8), warning Nullable(String),
  error Nullable(String)
) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)`;

/** ClickHouse tables that cannot hold the rows, or would lose or repeat them. */
export const DESTINATION: readonly BadInput[] = [
  {
    ...REFUSED,
    name: 'the table is the archiver’s',
    wrong: async (world) => void (await world.clickhouse(ARCHIVERS)),
    says: [
      'the ClickHouse table {database}.log_scores cannot hold the rows',
      'column `score` Float32 must be `score` Float64',
      'has no column stratum',
      'non_replicated_deduplication_window is 0',
      'ADD COLUMN `stratum` Nullable(UInt8)',
      'MODIFY COLUMN `score` Float64',
      'MODIFY SETTING fsync_after_insert = 1',
    ],
  },
  altered('a column of the table has another type', 'MODIFY COLUMN rtt Nullable(Int16)', [
    'column `rtt` Nullable(Int16) must be `rtt` Nullable(Int32)',
    'MODIFY COLUMN `rtt` Nullable(Int32)',
  ]),
  altered(
    'the table forgets which inserts it had',
    'MODIFY SETTING non_replicated_deduplication_window = 0',
    [
      'non_replicated_deduplication_window is 0',
      'a repeated insert is inserted twice',
      'MODIFY SETTING non_replicated_deduplication_window = 10000',
    ],
  ),
  altered('the table does not sync before it answers', 'MODIFY SETTING fsync_after_insert = 0', [
    'fsync_after_insert is 0',
    'after a power loss',
    'MODIFY SETTING fsync_after_insert = 1',
  ]),
  {
    ...REFUSED,
    name: 'the table keeps its rows in memory',
    wrong: async (world) =>
      void (await world.clickhouse(
        'CREATE TABLE {database}.log_scores (id UInt64) ENGINE = Memory',
      )),
    says: ['{database}.log_scores', 'its engine is Memory', 'Name another table'],
  },
  {
    service: 'sink-clickhouse',
    name: 'the table was made anew since rows landed in it',
    given: 'landed',
    wrong: async (world) => recreated(world),
    exitCode: 1,
    code: 'destination-changed',
    says: [
      '{topic}[0] of group {group}',
      'ClickHouse table {database}.log_scores with the fingerprint',
      'Bring the old one back',
    ],
  },
];

/** Under the same name and with the same columns: only its UUID tells. */
async function recreated(world: World): Promise<void> {
  await world.clickhouse('CREATE TABLE {database}.copy AS {database}.log_scores');
  await world.clickhouse('DROP TABLE {database}.log_scores SYNC');
  await world.clickhouse('RENAME TABLE {database}.copy TO {database}.log_scores');
}

function altered(name: string, alter: string, says: readonly string[]): BadInput {
  return {
    ...REFUSED,
    name,
    given: 'landed',
    wrong: async (world) => {
      await world.clickhouse(`ALTER TABLE {database}.log_scores ${alter}`);
    },
    says: ['the ClickHouse table {database}.log_scores cannot hold the rows', ...says],
  };
}
