import type { LogScoreRow } from './measurement.ts';

/** One INSERT of any number of rows into log_scores. */
export function insertLogScores(rows: readonly LogScoreRow[]): string {
  return `INSERT INTO log_scores (monitor_id, server_id, ts, score, step, \`offset\`, rtt, attributes) VALUES ${rows.map(values).join(',')}`;
}

function values({
  monitorId,
  serverId,
  ts,
  score,
  step,
  offset,
  rtt,
  attributes,
}: LogScoreRow): string {
  return `(${monitorId ?? 'NULL'},${serverId},${datetime(ts)},${double(score)},${double(step)},${offset === null ? 'NULL' : double(offset)},${rtt ?? 'NULL'},${attributes === null ? 'NULL' : text(attributes)})`;
}

/** In UTC; the column keeps whole seconds. */
export function datetime(ts: number): string {
  return `'${new Date(ts).toISOString().slice(0, 19).replace('T', ' ')}'`;
}

/** With an exponent, so that MySQL reads a double and not a decimal. */
export function double(value: number): string {
  if (Object.is(value, -0)) return '-0e0';
  const shortest = String(value);
  return shortest.includes('e') ? shortest : `${shortest}e0`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\0': '\\0', "'": "\\'", '\\': '\\\\' };

export function text(value: string): string {
  return `'${value.replace(/[\0'\\]/g, (character) => ESCAPES[character] ?? character)}'`;
}
