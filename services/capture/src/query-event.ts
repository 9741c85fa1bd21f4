import { EVENT } from './event-codes.ts';
import * as layout from './event-layout.ts';
import { inflateBody } from './inflate-body.ts';
import { readStatement, type Statement, type TableName } from './statement.ts';

const BEGIN: Statement = { kind: 'begin' };
const COMMIT: Statement = { kind: 'commit' };

/** What a Query event says; of most the two words that frame a group, which are not made text of. */
export function readQuery(
  event: Buffer,
  at: number,
  stop: number,
  type: number,
  table: TableName,
): Statement {
  const { sqlAt, schema } = layout.query(event, at);
  if (layout.isText(event, sqlAt, stop, 'BEGIN')) return BEGIN;
  if (layout.isText(event, sqlAt, stop, 'COMMIT')) return COMMIT;
  const sql =
    type === EVENT.QUERY_COMPRESSED
      ? inflateBody(event, sqlAt, stop).toString()
      : event.toString('utf8', sqlAt, stop);
  return readStatement(sql, schema, table);
}
