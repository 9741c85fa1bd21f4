import { originalAttributes, type Row } from './row.ts';

/** What avsc makes of a LogScore datum; unions come unwrapped. */
export interface Datum {
  readonly id: number;
  readonly server_id: number;
  readonly monitor_id: number | null;
  readonly ts: number;
  readonly score: number;
  readonly step: number;
  readonly offset: number | null;
  readonly rtt: number | null;
  readonly leap: number | null;
  readonly stratum: number | null;
  readonly no_response: boolean | null;
  readonly error: string | null;
  readonly warning: string | null;
  readonly from_ls_id: number | null;
  readonly from_ss_id: number | null;
  readonly attributes: string | null;
  readonly extra: Readonly<Record<string, string>>;
}

export function rowOf(datum: Datum): Row {
  const typed = {
    leap: datum.leap,
    stratum: datum.stratum,
    noResponse: datum.no_response,
    error: datum.error,
    warning: datum.warning,
    fromLsId: datum.from_ls_id,
    fromSsId: datum.from_ss_id,
  };
  return {
    id: datum.id,
    serverId: datum.server_id,
    monitorId: datum.monitor_id,
    tsUs: datum.ts,
    score: datum.score,
    step: datum.step,
    offset: datum.offset,
    rtt: datum.rtt,
    ...typed,
    attributes: originalAttributes(datum.attributes, typed),
    extra: Object.entries(datum.extra),
  };
}
