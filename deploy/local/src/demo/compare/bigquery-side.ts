import { type Datum, rowOf } from './datum.ts';
import { readSide, type Scan, type Side } from './side.ts';

export interface BigquerySideOptions {
  /** `http://host:port` */
  readonly endpoint: string;
  readonly project: string;
  readonly dataset: string;
  readonly table?: string;
  /** Of one answer. */
  readonly pageRows?: number;
}

/** A value as the API gives it: text, or the pairs of `extra`. */
type Value = string | null | readonly { readonly v: { readonly f: readonly { v: string }[] } }[];

interface Page {
  readonly jobReference: { readonly jobId: string; readonly location?: string };
  readonly jobComplete: boolean;
  readonly pageToken?: string;
  readonly rows?: readonly { readonly f: readonly { readonly v: Value }[] }[];
}

type ColumnType = 'number' | 'boolean' | 'text' | 'pairs';

/** In the order of the SELECT below. */
const COLUMNS = {
  id: 'number',
  server_id: 'number',
  monitor_id: 'number',
  ts: 'number',
  score: 'number',
  step: 'number',
  offset: 'number',
  rtt: 'number',
  leap: 'number',
  stratum: 'number',
  no_response: 'boolean',
  error: 'text',
  warning: 'text',
  from_ls_id: 'number',
  from_ss_id: 'number',
  attributes: 'text',
  extra: 'pairs',
} as const satisfies Readonly<Record<keyof Datum, ColumnType>>;

/** BigQuery, by one query over its REST interface and without Google's client, which the sink has. */
export function readBigquerySide(options: BigquerySideOptions): Promise<Side> {
  return readSide('BigQuery', (visit) => scan(options, visit));
}

async function scan(
  { endpoint, project, dataset, table = 'log_scores', pageRows = 50_000 }: BigquerySideOptions,
  visit: Parameters<Scan>[0],
): Promise<void> {
  const queries = `${endpoint}/bigquery/v2/projects/${project}/queries`;
  const columns = Object.keys(COLUMNS).map((name) =>
    name === 'ts' ? 'UNIX_MICROS(ts)' : `\`${name}\``,
  );
  const query = `SELECT ${columns.join(', ')} FROM \`${project}.${dataset}.${table}\``;
  let page = await ask(queries, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, useLegacySql: false, maxResults: pageRows }),
  });
  for (;;) {
    for (const { f } of page.rows ?? []) visit(rowOf(datumOf(f.map(({ v }) => v))), () => '');
    const { jobReference, jobComplete, pageToken } = page;
    if (jobComplete && !pageToken) return;
    const { jobId, location } = jobReference;
    const more = new URLSearchParams({
      maxResults: String(pageRows),
      ...(location ? { location } : {}),
      ...(pageToken ? { pageToken } : {}),
    });
    page = await ask(`${queries}/${jobId}?${more.toString()}`);
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<Page> {
  const response = await fetch(url, init);
  if (response.ok) return (await response.json()) as Page;
  throw new Error(`BigQuery refused ${url}: ${response.status} ${await response.text()}`);
}

function datumOf(values: readonly Value[]): Datum {
  const fields = Object.entries(COLUMNS).map(([name, type], at) => [
    name,
    valueOf(type, values[at] ?? null),
  ]);
  return Object.fromEntries(fields) as Datum;
}

function valueOf(type: ColumnType, value: Value): unknown {
  if (type === 'pairs') {
    const pairs = Array.isArray(value) ? value : [];
    return Object.fromEntries(pairs.map(({ v: { f } }) => [f[0]?.v, f[1]?.v]));
  }
  if (value === null || type === 'text') return value;
  return type === 'boolean' ? value === 'true' : Number(value);
}
