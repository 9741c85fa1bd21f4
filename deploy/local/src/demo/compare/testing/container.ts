import { once } from 'node:events';

import avro from 'avsc';

/** Fields in another order than the topic's: it is the file's header that counts. */
const SCHEMA: avro.Schema = {
  type: 'record',
  name: 'LogScore',
  fields: [
    { name: 'extra', type: { type: 'map', values: 'string' } },
    { name: 'id', type: 'long' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'server_id', type: 'long' },
    { name: 'monitor_id', type: ['null', 'long'] },
    { name: 'score', type: 'double' },
    { name: 'step', type: 'double' },
    { name: 'offset', type: ['null', 'double'] },
    { name: 'rtt', type: ['null', 'int'] },
    { name: 'leap', type: ['null', 'int'] },
    { name: 'stratum', type: ['null', 'int'] },
    { name: 'no_response', type: ['null', 'boolean'] },
    { name: 'error', type: ['null', 'string'] },
    { name: 'warning', type: ['null', 'string'] },
    { name: 'from_ls_id', type: ['null', 'long'] },
    { name: 'from_ss_id', type: ['null', 'long'] },
    { name: 'attributes', type: ['null', 'string'] },
  ],
};

export function datum(id: number): object {
  return {
    id,
    ts: 1_790_000_000_000_000 + id,
    server_id: 7,
    monitor_id: null,
    score: -0,
    step: 1,
    offset: 0.1,
    rtt: -1,
    leap: 1,
    stratum: null,
    no_response: null,
    error: null,
    warning: null,
    from_ls_id: null,
    from_ss_id: null,
    attributes: null,
    extra: { mood: 'good' },
  };
}

/** An Avro file with a row for each id. */
export async function container(ids: readonly number[]): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(SCHEMA, { codec: 'deflate', blockSize: 256 });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const id of ids) encoder.write(datum(id));
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(chunks);
}

/** From the first to before the second. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
