import type { Range } from '@scoreline/landing';

import type { BigQueryApi } from './api.ts';
import { loadBody } from './load-body.ts';
import { type JobResource, type LoadJob, PARTITIONS_LABEL, read } from './load-jobs.ts';
import { fieldsIn } from './table-schema.ts';
import type { FoundTable } from './table.ts';

export interface InsertOptions {
  readonly id: string;
  readonly range: Range;
  readonly table: FoundTable;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const DAY_US = 86_400_000_000;

/**
 * Asks for a load job, with the rows in the same request: before their last byte has arrived there is
 * no job.
 */
export async function insertJob(
  api: BigQueryApi,
  { id, range, table, timeoutMs, signal }: InsertOptions,
): Promise<LoadJob> {
  const { project, dataset, table: tableId, location, fields } = table;
  const job = {
    jobReference: { projectId: project, jobId: id, location },
    configuration: {
      labels: { [PARTITIONS_LABEL]: String(daysOf(range)) },
      load: {
        destinationTable: { projectId: project, datasetId: dataset, tableId },
        schema: { fields: fieldsIn(range.schema, fields) },
        sourceFormat: 'AVRO',
        // Without it ts would be an INTEGER.
        useAvroLogicalTypes: true,
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_APPEND',
      },
    },
  };
  const body = loadBody(job, range);
  return read(await api.upload<JobResource>({ path: 'jobs', ...body, signal, timeoutMs }), id);
}

/** How many of the table's partitions the range may touch. */
export function daysOf({ minTs, maxTs, rows }: Pick<Range, 'minTs' | 'maxTs' | 'rows'>): number {
  return Math.min(rows, Math.floor(maxTs / DAY_US) - Math.floor(minTs / DAY_US) + 1);
}
