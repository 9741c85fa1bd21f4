/** A line of a service's log. */
export interface LogRecord {
  readonly msg: string;
  readonly err?: { readonly code: string; readonly message: string };
}

/** The first line whose message begins so; null when there is none. */
export function logRecord(output: string, begins: string): LogRecord | null {
  const line = output.split('\n').find((one) => one.includes(`"msg":"${begins}`));
  return line === undefined ? null : (JSON.parse(line) as LogRecord);
}
