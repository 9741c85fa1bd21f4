import { type Block, LOG_SCORE_V1_JSON } from '@scoreline/schema';
import avsc from 'avsc';

const type = avsc.Type.forSchema(JSON.parse(LOG_SCORE_V1_JSON) as avsc.Schema);

const NO_FIELDS = {
  ...Object.fromEntries(
    (JSON.parse(LOG_SCORE_V1_JSON) as { fields: { name: string }[] }).fields.map(({ name }) => [
      name,
      null,
    ]),
  ),
  extra: {},
};

/** Fields of a LogScore; the others are NULL, or of no account. */
export interface SomeFields {
  readonly id: number;
  readonly [field: string]: number | string | boolean | null | Readonly<Record<string, string>>;
}

/** A row's datum as avsc, which knows nothing of our encoder, writes it. */
export function datumOf(fields: SomeFields): Buffer {
  return type.toBuffer({ ...NO_FIELDS, server_id: 1, ts: 0, score: 1, step: 1, ...fields });
}

export function writeRow(block: Block, fields: SomeFields): void {
  const datum = datumOf(fields);
  block.reserve(datum.length);
  datum.copy(block.bytes, block.byteLength);
  const { id, server_id: serverId = 1, ts = 0 } = fields;
  block.push(block.byteLength + datum.length, id, Number(serverId), Number(ts));
}

/** A datum as avsc reads it. */
export function decodedRow(datum: Buffer): unknown {
  return type.fromBuffer(datum);
}
