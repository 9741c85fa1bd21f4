/** A real server that runs from files alone: no Docker, no root. Construction opens nothing. */
export interface LocalServer {
  readonly name: ServerName;
  /** The tool that brings its program. */
  readonly installer: Installer;
  /** Process id while it runs. */
  readonly pid: number | null;
  /** Downloads and unpacks into the cache, once; without network when it is there already. */
  install(): Promise<void>;
  /** Starts the process in its folder, on the ports it had before if it ran before. Resolves when ready. */
  start(signal?: AbortSignal): Promise<void>;
  /** Whether it answers now. */
  ready(): Promise<boolean>;
  /** An orderly end, forced after a while. May be called twice. */
  stop(): Promise<void>;
  /** `kill -9`: what it acknowledged must be there after the next start. */
  kill(): Promise<void>;
  /** What is wrong when it ended by itself since its start, with the tail of its log; else null. */
  failure(): Promise<string | null>;
  /** The last lines that it logged. */
  logTail(): Promise<string>;
  /** Environment variables by which programs reach it. */
  endpoints(): Readonly<Record<string, string>>;
}

export const SERVER_NAMES = [
  'kafka',
  'mariadb',
  'mysql',
  'clickhouse',
  'registry',
  'gcs',
  's3',
  'bigquery',
  'questdb',
] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export type Installer = 'maven' | 'npm' | 'apt' | 'go' | 'pip';

/** Where a line of progress goes. */
export type Say = (line: string) => void;

export interface ServerOptions {
  /** The server's own folder: data, logs, pid, ports. */
  readonly dir: string;
  readonly say: Say;
}
