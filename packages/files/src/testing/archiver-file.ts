import type { SampleRow } from '@scoreline/landing/testing';
import { containerHeader, SYNC_BYTES } from '@scoreline/schema';
import avsc from 'avsc';

/** The schema of the archiver's files, as it writes it: the logical type is the field's, not its type's. */
const LOGSCORE = {
  type: 'record',
  name: 'logscore',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'server_id', type: 'int' },
    { name: 'monitor_id', type: 'int' },
    { name: 'ts', type: 'long', logicalType: 'timestamp-millis' },
    { name: 'score', type: 'float' },
    { name: 'step', type: 'float' },
    { name: 'offset', type: ['null', 'float'], default: null },
    { name: 'rtt', type: ['null', 'int'], default: null },
    { name: 'leap', type: ['null', 'int'], default: null },
    { name: 'error', type: ['null', 'string'], default: null },
  ],
};

const SYNC = Buffer.alloc(SYNC_BYTES, 7);

/** What the archiver makes of rows, in blocks of about so many bytes. */
export async function archiverFile(
  rows: readonly SampleRow[],
  { blockBytes = 2000, codec = 'null' } = {},
): Promise<{ readonly name: string; readonly year: string; readonly bytes: Buffer }> {
  const type = avsc.Type.forSchema(LOGSCORE as unknown as avsc.Schema, { wrapUnions: false });
  const encoder = new avsc.streams.BlockEncoder(type, { codec, blockSize: blockBytes });
  const parts: Buffer[] = [];
  encoder.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise((resolve) => encoder.on('end', resolve));
  for (const row of rows) {
    const { id, server_id, monitor_id: monitor, score, step, offset, rtt, leap, error } = row;
    const ts = Math.floor(row.ts / 1_000_000);
    const monitor_id = monitor ?? 0;
    encoder.write({ id, server_id, monitor_id, ts, score, step, offset, rtt, leap, error });
  }
  encoder.end();
  await ended;
  const [first] = rows;
  const seconds = Math.floor((first?.ts ?? 0) / 1_000_000);
  return {
    name: `${seconds}-${first?.id ?? 0}.avro`,
    year: String(new Date(seconds * 1000).getUTCFullYear()),
    // Begun with its header, before there is a row.
    bytes:
      rows.length === 0 ? containerHeader(JSON.stringify(LOGSCORE), SYNC) : Buffer.concat(parts),
  };
}
