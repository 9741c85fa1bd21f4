/** A line of a service's log. */
export interface LogRecord {
  readonly msg: string;
  readonly err?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

/** The first line whose message begins so; null when there is none. */
export function logRecord(output: string, begins: string): LogRecord | null {
  return logRecords(output, begins)[0] ?? null;
}

export function logRecords(output: string, begins: string): readonly LogRecord[] {
  return output
    .split('\n')
    .filter((line) => line.includes(`"msg":"${begins}`))
    .map((line) => JSON.parse(line) as LogRecord);
}
