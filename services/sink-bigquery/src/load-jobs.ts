import { ApiError } from './api-error.ts';
import type { BigQueryApi } from './api.ts';
import type { ListedJob } from './governor.ts';

/** A load job, as far as we look at it. */
export interface LoadJob {
  readonly id: string;
  readonly isDone: boolean;
  readonly createdMs: number;
  /** Of one that is done: what it failed with. */
  readonly error: { readonly reason: string; readonly message: string } | null;
  /** Of one that is done without an error; null when that is not told. */
  readonly outputRows: number | null;
}

export interface TableName {
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
}

export interface JobResource {
  readonly jobReference?: { readonly jobId?: string };
  readonly status?: {
    readonly state?: string;
    readonly errorResult?: { readonly reason?: string; readonly message?: string };
  };
  readonly statistics?: {
    readonly creationTime?: string;
    readonly load?: { readonly outputRows?: string };
  };
  readonly configuration?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly load?: {
      readonly destinationTable?: {
        readonly projectId?: string;
        readonly datasetId?: string;
        readonly tableId?: string;
      };
    };
  };
}

/** On each job: how many partitions it touches, for whoever counts. */
export const PARTITIONS_LABEL = 'scoreline_partitions';

const PAGE = 1000;
const LIST_FIELDS =
  'nextPageToken,jobs(jobReference/jobId,statistics/creationTime,configuration(labels,load/destinationTable))';

/** BigQuery's jobs, always asked for with their location: without it those outside of the US are not found. */
export class LoadJobs {
  readonly #api: BigQueryApi;
  readonly #location: string;

  constructor(api: BigQueryApi, location: string) {
    this.#api = api;
    this.#location = location;
  }

  /** Null when BigQuery has no job of that id. */
  async find(id: string, signal: AbortSignal): Promise<LoadJob | null> {
    try {
      const query = { location: this.#location };
      return read(await this.#api.send<JobResource>({ path: `jobs/${id}`, query, signal }), id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && error.reason === 'notFound') {
        return null;
      }
      throw error;
    }
  }

  /** Asks for the end of a job. It may end in another way before that. */
  async cancel(id: string, signal: AbortSignal): Promise<void> {
    await this.#api.send({
      method: 'POST',
      path: `jobs/${id}/cancel`,
      query: { location: this.#location },
      body: {},
      signal,
    });
  }

  /** Those that load into the table, by this account. */
  async list(
    table: TableName,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<readonly ListedJob[]> {
    const listed: ListedJob[] = [];
    let pageToken = '';
    do {
      const page = await this.#api.send<{
        readonly nextPageToken?: string;
        readonly jobs?: readonly JobResource[];
      }>({
        path: 'jobs',
        query: {
          projection: 'full',
          maxResults: String(PAGE),
          minCreationTime: String(Math.floor(sinceMs)),
          fields: LIST_FIELDS,
          ...(pageToken === '' ? {} : { pageToken }),
        },
        signal,
      });
      for (const job of page.jobs ?? []) {
        if (loadsInto(job, table)) listed.push(counted(job));
      }
      pageToken = page.nextPageToken ?? '';
    } while (pageToken !== '');
    return listed;
  }
}

/** @throws ApiError when the answer is no job of that id. */
export function read(job: JobResource, id: string): LoadJob {
  const { jobReference, status, statistics } = job;
  if (jobReference?.jobId !== id || typeof status?.state !== 'string') {
    throw new ApiError(`an answer that is not the job ${id}`, { status: null, reason: '' });
  }
  const { errorResult } = status;
  const outputRows = statistics?.load?.outputRows;
  return {
    id,
    isDone: status.state === 'DONE',
    createdMs: Number(statistics?.creationTime ?? Date.now()),
    error: errorResult
      ? { reason: errorResult.reason ?? '', message: errorResult.message ?? '' }
      : null,
    outputRows: outputRows === undefined ? null : Number(outputRows),
  };
}

function loadsInto(
  { configuration }: JobResource,
  { project, dataset, table }: TableName,
): boolean {
  const found = configuration?.load?.destinationTable;
  if (found === undefined) return false;
  // `table$20251113` names one partition of it.
  const [tableId] = (found.tableId ?? '').split('$');
  return found.projectId === project && found.datasetId === dataset && tableId === table;
}

function counted({ jobReference, statistics, configuration }: JobResource): ListedJob {
  const partitions = Number(configuration?.labels?.[PARTITIONS_LABEL] ?? 1);
  return {
    id: jobReference?.jobId ?? '',
    createdMs: Number(statistics?.creationTime ?? 0),
    partitions: Number.isSafeInteger(partitions) ? partitions : 1,
  };
}
