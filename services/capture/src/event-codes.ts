/** Type codes of binlog events: MySQL's `Log_event_type`, and MariaDB's own from 160 on. */
export const EVENT = {
  QUERY: 2,
  STOP: 3,
  ROTATE: 4,
  INTVAR: 5,
  RAND: 13,
  USER_VAR: 14,
  FORMAT_DESCRIPTION: 15,
  XID: 16,
  TABLE_MAP: 19,
  WRITE_ROWS_V1: 23,
  UPDATE_ROWS_V1: 24,
  DELETE_ROWS_V1: 25,
  HEARTBEAT: 27,
  ROWS_QUERY: 29,
  WRITE_ROWS: 30,
  UPDATE_ROWS: 31,
  DELETE_ROWS: 32,
  GTID: 33,
  ANONYMOUS_GTID: 34,
  PREVIOUS_GTIDS: 35,
  TRANSACTION_CONTEXT: 36,
  VIEW_CHANGE: 37,
  XA_PREPARE: 38,
  TRANSACTION_PAYLOAD: 40,
  HEARTBEAT_V2: 41,
  GTID_TAGGED: 42,
  ANNOTATE_ROWS: 160,
  BINLOG_CHECKPOINT: 161,
  MARIADB_GTID: 162,
  MARIADB_GTID_LIST: 163,
  START_ENCRYPTION: 164,
  QUERY_COMPRESSED: 165,
  WRITE_ROWS_COMPRESSED_V1: 166,
  UPDATE_ROWS_COMPRESSED_V1: 167,
  DELETE_ROWS_COMPRESSED_V1: 168,
  WRITE_ROWS_COMPRESSED: 169,
  UPDATE_ROWS_COMPRESSED: 170,
  DELETE_ROWS_COMPRESSED: 171,
} as const;

const KNOWN: readonly (string | undefined)[] = Object.entries(EVENT).reduce<string[]>(
  (names, [name, code]) => {
    names[code] = name;
    return names;
  },
  [],
);

export interface Refusal {
  readonly name: string;
  readonly why: string;
  readonly remedy: string;
}

const STATEMENT: Omit<Refusal, 'name'> = {
  why: 'it loads a file by statement, and the rows that it makes are not in the binlog',
  remedy: 'Write with binlog_format=ROW.',
};

const REFUSED: Readonly<Record<number, Refusal>> = {
  17: { name: 'BEGIN_LOAD_QUERY', ...STATEMENT },
  18: { name: 'EXECUTE_LOAD_QUERY', ...STATEMENT },
  26: {
    name: 'INCIDENT',
    why: 'the server says that it has lost events',
    remedy:
      'Read the server log for the cause. What it lost is in no binlog: compare the table with the topic, then start a new ledger.',
  },
  39: {
    name: 'PARTIAL_UPDATE_ROWS',
    why: 'it holds parts of rows',
    remedy: "SET GLOBAL binlog_row_value_options = ''.",
  },
  172: {
    name: 'PARTIAL_ROW_DATA',
    why: 'it holds a part of a row',
    remedy: 'Raise the limit that makes the server split rows events.',
  },
};

/** 1 for the codes whose meaning is known here; any other stops capture. */
export const ALLOWED = Uint8Array.from({ length: 256 }, (_, code) => (KNOWN[code] ? 1 : 0));

/** 1 for the codes that MySQL puts into a compressed transaction, of those that are allowed. */
export const IN_PAYLOAD = codes([
  EVENT.QUERY,
  EVENT.INTVAR,
  EVENT.RAND,
  EVENT.USER_VAR,
  EVENT.XID,
  EVENT.TABLE_MAP,
  EVENT.WRITE_ROWS_V1,
  EVENT.UPDATE_ROWS_V1,
  EVENT.DELETE_ROWS_V1,
  EVENT.ROWS_QUERY,
  EVENT.WRITE_ROWS,
  EVENT.UPDATE_ROWS,
  EVENT.DELETE_ROWS,
  EVENT.XA_PREPARE,
]);

function codes(list: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (list.includes(code) ? 1 : 0));
}

/** Whether an event that is not MariaDB's compressed kind holds rows. */
export function isRows(code: number): boolean {
  return (
    (code >= EVENT.WRITE_ROWS_V1 && code <= EVENT.DELETE_ROWS_V1) ||
    (code >= EVENT.WRITE_ROWS && code <= EVENT.DELETE_ROWS)
  );
}

/** The code of a rows event as it was before MariaDB compressed its rows; any other is its own. */
export function plainRows(code: number): number {
  if (code >= EVENT.WRITE_ROWS_COMPRESSED_V1 && code <= EVENT.DELETE_ROWS_COMPRESSED_V1) {
    return code - EVENT.WRITE_ROWS_COMPRESSED_V1 + EVENT.WRITE_ROWS_V1;
  }
  if (code >= EVENT.WRITE_ROWS_COMPRESSED && code <= EVENT.DELETE_ROWS_COMPRESSED) {
    return code - EVENT.WRITE_ROWS_COMPRESSED + EVENT.WRITE_ROWS;
  }
  return code;
}

export function eventName(code: number): string {
  return KNOWN[code] ?? REFUSED[code]?.name ?? `UNKNOWN_${code}`;
}

export function refusalOf(code: number): Refusal {
  return (
    REFUSED[code] ?? {
      name: eventName(code),
      why: 'what it means is not known to this release',
      remedy: 'Upgrade Scoreline to a release that knows this server version, or go back to one.',
    }
  );
}
