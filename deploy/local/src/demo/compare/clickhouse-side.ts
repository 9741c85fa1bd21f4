import { askClickhouse, type ClickhouseAddress } from '../clickhouse-http.ts';
import { RowBinary } from './row-binary.ts';
import { originalAttributes, type Row } from './row.ts';
import { readSide, type Side } from './side.ts';

export interface ClickhouseSideOptions extends ClickhouseAddress {
  readonly database: string;
  readonly table?: string;
}

/** The destination, over plain HTTP. */
export function readClickhouseSide(options: ClickhouseSideOptions): Promise<Side> {
  const table = `${options.database}.${options.table ?? 'log_scores'}`;
  const sql = `SELECT toUInt64(id), toUInt32(server_id), CAST(monitor_id AS Nullable(UInt32)),
    toUnixTimestamp64Micro(ts), score, step, CAST(offset AS Nullable(Float64)),
    CAST(rtt AS Nullable(Int32)), CAST(leap AS Nullable(Int32)), CAST(stratum AS Nullable(Int32)),
    CAST(no_response AS Nullable(UInt8)), error, warning, CAST(from_ls_id AS Nullable(Int64)),
    CAST(from_ss_id AS Nullable(Int64)), attributes, extra FROM ${table} FORMAT RowBinary`;
  return readSide('ClickHouse', async (visit) => {
    const input = new RowBinary();
    const { body } = await askClickhouse(options, sql);
    for await (const chunk of body ?? []) {
      input.take(chunk, () => visit(readRow(input), () => ''));
    }
    if (input.left > 0) throw new Error(`ClickHouse's answer ends inside a row of ${table}`);
  });
}

// Made once: a row has a dozen of them.
const uint32 = (input: RowBinary): number => input.uint32();
const int32 = (input: RowBinary): number => input.int32();
const int64 = (input: RowBinary): number => input.int64();
const float64 = (input: RowBinary): number => input.float64();
const string = (input: RowBinary): string => input.string();
const bool = (input: RowBinary): boolean => input.uint8() === 1;

function readRow(input: RowBinary): Row {
  const row = {
    id: input.int64(),
    serverId: input.uint32(),
    monitorId: input.nullable(uint32),
    tsUs: input.int64(),
    score: input.float64(),
    step: input.float64(),
    offset: input.nullable(float64),
    rtt: input.nullable(int32),
    leap: input.nullable(int32),
    stratum: input.nullable(int32),
    noResponse: input.nullable(bool),
    error: input.nullable(string),
    warning: input.nullable(string),
    fromLsId: input.nullable(int64),
    fromSsId: input.nullable(int64),
  };
  const kept = input.nullable(string);
  return { ...row, attributes: originalAttributes(kept, row), extra: input.map() };
}
