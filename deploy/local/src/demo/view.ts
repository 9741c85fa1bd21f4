/** Everything that is shown once a second. */
export interface Frame {
  readonly seconds: number;
  readonly source: string;
  /** What rows land in. */
  readonly destinations: readonly string[];
  readonly rowsPerSecond: number;
  readonly committed: number;
  readonly undone: number;
  readonly topicEnd: number | null;
  /** Rows in ClickHouse; null where there is none. */
  readonly landed: number | null;
  /** Of each sink's group. */
  readonly lags: Readonly<Record<string, number | null>>;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly processes: readonly ProcessLine[];
  readonly links: readonly string[];
}

export interface ProcessLine {
  readonly name: string;
  readonly health: string;
  readonly restarts: number;
}

/** For a terminal: a block that is drawn over itself. */
export function block(frame: Frame): string[] {
  const { p50Ms, p99Ms } = frame;
  return [
    `Scoreline   ${frame.source} -> Kafka -> ${frame.destinations.join(', ')}   ${clock(frame.seconds)}   Ctrl-C ends it`,
    '',
    `  in          ${count(frame.rowsPerSecond)} rows/s   ${count(frame.committed)} committed, ${count(frame.undone)} rolled back`,
    `  topic end   ${count(frame.topicEnd)}   with a marker for each transaction and partition`,
    `  landed      ${count(frame.landed)}   rows in ClickHouse`,
    `  lag         ${lags(frame)}`,
    `  freshness   p50 ${ms(p50Ms)}   p99 ${ms(p99Ms)}   from COMMIT to the query that returns the row`,
    '',
    ...frame.processes.map(
      ({ name, health, restarts }) => `  ${name.padEnd(17)}${health}${again(restarts)}`,
    ),
    '',
    ...frame.links.map((link) => `  ${link}`),
  ];
}

/** For a file or a pipe: one line. */
export function line(frame: Frame): string {
  const health = frame.processes.map(
    ({ name, health: now, restarts }) => `${name} ${now}${again(restarts)}`,
  );
  return [
    `${clock(frame.seconds)} in ${count(frame.rowsPerSecond)}/s, ${count(frame.committed)} committed`,
    `topic end ${count(frame.topicEnd)}`,
    `landed ${count(frame.landed)}, lag ${lags(frame)}`,
    `freshness p50 ${ms(frame.p50Ms)}, p99 ${ms(frame.p99Ms)}`,
    health.join(', '),
  ].join(' | ');
}

function lags(frame: Frame): string {
  const known = Object.entries(frame.lags);
  return known.map(([name, lag]) => `${name} ${count(lag)}`).join(', ') || '-';
}

function again(restarts: number): string {
  return restarts === 0 ? '' : ` (started again ${restarts}x)`;
}

function count(value: number | null): string {
  return value === null ? '-' : Math.round(value).toLocaleString('en');
}

function ms(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} ms`;
}

function clock(seconds: number): string {
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
