import type { TypedAttributes } from './typed-attributes.ts';

/** One row of log_scores as any side may have it. */
export interface Row extends TypedAttributes {
  readonly id: number;
  readonly serverId: number;
  readonly monitorId: number | null;
  /** Microseconds since the epoch. */
  readonly tsUs: number;
  readonly score: number;
  readonly step: number;
  readonly offset: number | null;
  readonly rtt: number | null;
  /** The JSON text as it stands in MySQL. */
  readonly attributes: string | null;
  /** Columns that the record has no field for, by name, in the order of the table. */
  readonly extra: readonly (readonly [name: string, value: string])[];
}

/** For showing. A double's shortest text names its bits, but for the sign of zero. */
export function rowText(row: Row): string {
  return `id=${row.id} server_id=${row.serverId} monitor_id=${row.monitorId} ts=${row.tsUs} score=${double(row.score)} step=${double(row.step)} offset=${row.offset === null ? null : double(row.offset)} rtt=${row.rtt} leap=${row.leap} stratum=${row.stratum} no_response=${row.noResponse} error=${JSON.stringify(row.error)} warning=${JSON.stringify(row.warning)} from_ls_id=${row.fromLsId} from_ss_id=${row.fromSsId} attributes=${JSON.stringify(row.attributes)} extra=${JSON.stringify(row.extra)}`;
}

function double(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * The text that MySQL had: the one kept beside the typed fields where they do not say everything,
 * else the one that Go writes for them, and NULL where there is none.
 */
export function originalAttributes(kept: string | null, typed: TypedAttributes): string | null {
  if (kept !== null) return kept;
  let text = '';
  const add = (key: string, value: string | number | boolean | null): void => {
    if (value !== null) text += `${text === '' ? '' : ','}"${key}":${goText(value)}`;
  };
  add('leap', typed.leap);
  add('stratum', typed.stratum);
  add('no_response', typed.noResponse);
  add('error', typed.error);
  add('warning', typed.warning);
  add('from_ls_id', typed.fromLsId);
  add('from_ss_id', typed.fromSsId);
  return text === '' ? null : `{${text}}`;
}

/** Go escapes what HTML and JavaScript stumble over. */
function goText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const replaced = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, replaced);
}
