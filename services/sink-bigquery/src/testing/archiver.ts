import type { SampleRow } from '@scoreline/landing/testing';

import type { TestDataset } from './dataset.ts';

const column = (name: string, type: string, mode = 'NULLABLE') => ({ name, type, mode });

/** The table as the archiver makes it, where its times were loaded as such. */
const ARCHIVER_TABLE = {
  schema: {
    fields: [
      column('id', 'INTEGER', 'REQUIRED'),
      column('monitor_id', 'INTEGER', 'REQUIRED'),
      column('server_id', 'INTEGER', 'REQUIRED'),
      column('ts', 'TIMESTAMP', 'REQUIRED'),
      column('score', 'FLOAT', 'REQUIRED'),
      column('step', 'FLOAT', 'REQUIRED'),
      column('offset', 'FLOAT'),
      column('rtt', 'INTEGER'),
      column('leap', 'INTEGER'),
      column('error', 'STRING'),
    ],
  },
  timePartitioning: { type: 'DAY', field: 'ts' },
};

export async function archiverTable(dataset: TestDataset): Promise<void> {
  await dataset.createTable(ARCHIVER_TABLE);
}

/** Fills it as the archiver does: NULL as monitor 0, whole seconds, leap 0 as NULL. */
export async function archive(dataset: TestDataset, rows: readonly SampleRow[]): Promise<void> {
  const values = rows.map((row) => {
    const { id, monitor_id: monitor, server_id: server, ts, score, step, offset, rtt, error } = row;
    const time = `TIMESTAMP_SECONDS(${Math.floor(ts / 1_000_000)})`;
    const text = error === null ? 'NULL' : `'${error}'`;
    return `(${id}, ${monitor ?? 0}, ${server}, ${time}, ${score}, ${step}, ${offset}, ${rtt}, ${row.leap || 'NULL'}, ${text})`;
  });
  await dataset.query(
    `INSERT INTO \`${dataset.project}.${dataset.name}.log_scores\`
      (id, monitor_id, server_id, ts, score, step, \`offset\`, rtt, leap, error) VALUES ${values.join(', ')}`,
  );
}
