import { createHash } from 'node:crypto';

import { ConfigError, type Logger } from '@scoreline/service';

import { ApiError } from './api-error.ts';
import type { BigQueryApi } from './api.ts';
import type { TableName } from './load-jobs.ts';
import { newlyThere } from './new-table.ts';
import { startError } from './reasons.ts';
import { type Field, loadedFields, planSchema, quoted } from './table-schema.ts';

export interface FoundTable extends TableName {
  readonly location: string;
  readonly fingerprint: string;
  readonly createdMs: number;
  readonly holdsRows: boolean;
  /** What load jobs say of the columns. */
  readonly fields: readonly Field[];
}

interface TableResource {
  readonly id?: string;
  readonly etag?: string;
  readonly type?: string;
  readonly creationTime?: string;
  readonly numRows?: string;
  readonly location?: string;
  readonly expirationTime?: string;
  readonly streamingBuffer?: unknown;
  readonly timePartitioning?: {
    readonly type?: string;
    readonly field?: string;
    readonly expirationMs?: string;
  };
  readonly clustering?: { readonly fields?: readonly string[] };
  readonly schema?: { readonly fields?: readonly Field[] };
}

/** Of a fingerprint; names may have a thousand characters. */
const LONGEST = 400;

export interface EnsureOptions {
  /** The columns of all versions. */
  readonly wanted: readonly Field[];
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Creates the table when it is missing, mends its columns where that is harmless, and looks at the rest. */
export async function ensureTable(
  api: BigQueryApi,
  name: TableName,
  { wanted, log, signal }: EnsureOptions,
): Promise<FoundTable> {
  const { dataset, table } = name;
  try {
    const location = await locationOf(api, name, signal);
    await createIfMissing(api, name, { wanted, log, signal });
    const path = `datasets/${dataset}/tables/${table}`;
    let found = await newlyThere(() => api.send<TableResource>({ path, signal }), { log, signal });
    const plan = planSchema(name, found.schema?.fields ?? [], wanted);
    const problems = [...plan.problems, ...lifeProblems(name, found).problems];
    const remedies = [...plan.remedies, ...lifeProblems(name, found).remedies];
    if (found.type !== undefined && found.type !== 'TABLE') {
      problems.push(`it is a ${found.type.toLowerCase()}`);
      remedies.push('Name another table, or dataset, and let this sink create it.');
    }
    if (problems.length > 0) throw refused(name, problems, remedies);
    if (plan.change !== null) {
      log.info({ table: quoted(name), changes: plan.changes }, 'changing the table');
      found = await api.send<TableResource>({
        method: 'PATCH',
        path,
        // Whoever changes it at the same time is not overwritten.
        headers: found.etag === undefined ? {} : { 'if-match': found.etag },
        body: { schema: { fields: plan.change } },
        signal,
      });
    }
    const {
      numRows = '0',
      streamingBuffer,
      creationTime,
      id,
      timePartitioning,
      clustering,
    } = found;
    log.info({ table: quoted(name), location, numRows, timePartitioning, clustering }, 'the table');
    return {
      ...name,
      location,
      fingerprint: fingerprintOf(id ?? quoted(name), creationTime),
      createdMs: Number(creationTime),
      holdsRows: numRows !== '0' || streamingBuffer !== undefined,
      fields: loadedFields(found.schema?.fields ?? [], wanted),
    };
  } catch (error) {
    throw startError(error, `looking at the table ${quoted(name)}`, settingsOf(error));
  }
}

/** Where the dataset's rows are. Jobs are found only by who says it. */
async function locationOf(
  api: BigQueryApi,
  { project, dataset }: TableName,
  signal: AbortSignal,
): Promise<string> {
  try {
    const path = `datasets/${dataset}`;
    const { location } = await api.send<{ readonly location?: string }>({ path, signal });
    if (location !== undefined) return location;
  } catch (error) {
    if (!isReason(error, 'notFound')) throw error;
  }
  throw new ConfigError(`bq_dataset: there is no dataset ${project}:${dataset}`, {
    code: 'bigquery-not-found',
    remedy: `Create it where the rows are to stay: bq mk --location=EU --dataset ${project}:${dataset}`,
  });
}

async function createIfMissing(
  api: BigQueryApi,
  { project, dataset, table }: TableName,
  { wanted, log, signal }: EnsureOptions,
): Promise<void> {
  try {
    await api.send({ path: `datasets/${dataset}/tables/${table}`, signal });
    return;
  } catch (error) {
    if (!isReason(error, 'notFound')) throw error;
  }
  try {
    await api.send({
      method: 'POST',
      path: `datasets/${dataset}/tables`,
      body: {
        tableReference: { projectId: project, datasetId: dataset, tableId: table },
        schema: { fields: wanted },
        timePartitioning: { type: 'DAY', field: 'ts' },
        clustering: { fields: ['server_id', 'monitor_id'] },
      },
      signal,
    });
    log.info({ project, dataset, table }, 'created the table');
  } catch (error) {
    // Another member was faster.
    if (!isReason(error, 'duplicate')) throw error;
  }
}

/** Rows that go away by themselves have not landed. */
function lifeProblems(name: TableName, { expirationTime, timePartitioning }: TableResource) {
  const problems: string[] = [];
  const remedies: string[] = [];
  const alter = `ALTER TABLE ${quoted(name)} SET OPTIONS`;
  if (isSet(expirationTime)) {
    problems.push('it has an expiration time, after which BigQuery drops it');
    remedies.push(`${alter} (expiration_timestamp = NULL);`);
  }
  if (isSet(timePartitioning?.expirationMs)) {
    problems.push('its partitions expire, and with them rows that count as landed');
    remedies.push(`${alter} (partition_expiration_days = NULL);`);
  }
  return { problems, remedies };
}

function isSet(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== '0';
}

/** What does not survive a re-creation of the table. */
function fingerprintOf(id: string, creationTime: string | undefined): string {
  if (creationTime === undefined) throw new Error(`the table ${id} has no creation time`);
  const fingerprint = `${id}@${creationTime}`;
  if (fingerprint.length <= LONGEST) return fingerprint;
  return `${createHash('sha256').update(id).digest('hex')}@${creationTime}`;
}

function isReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}

/** Which settings an error of the start is about. */
function settingsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'bq_dataset';
  if (error.status === null) return 'bq_api_endpoint, google_application_credentials';
  if (error.status === 401) return 'google_application_credentials';
  return 'bq_project, bq_dataset';
}

function refused(
  name: TableName,
  problems: readonly string[],
  remedies: readonly string[],
): ConfigError {
  return new ConfigError(
    `the BigQuery table ${quoted(name)} cannot hold the rows: ${problems.join('; ')}`,
    { code: 'table-mismatch', remedy: remedies.join('\n') },
  );
}
