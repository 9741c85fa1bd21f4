import avsc from 'avsc';

import { formatAttributes, type TypedAttributes } from '../attributes.ts';
import { LOG_SCORE_V1 } from '../log-score.ts';
import type { ZongjiRow } from './zongji-rows.ts';

/** A LogScore as avsc, which knows nothing of our encoder, decodes it. */
export interface LogScore extends TypedAttributes {
  readonly id: number;
  readonly server_id: number;
  readonly monitor_id: number | null;
  readonly ts: number;
  readonly score: number;
  readonly step: number;
  readonly offset: number | null;
  readonly rtt: number | null;
  readonly attributes: string | null;
  readonly extra: Readonly<Record<string, string>>;
}

export const logScoreType = avsc.Type.forSchema(LOG_SCORE_V1 as unknown as avsc.Schema);

export function decodeLogScore(datum: Buffer): LogScore {
  const score = logScoreType.fromBuffer(datum) as LogScore;
  // Avsc's objects have classes of their own.
  return { ...score, extra: { ...score.extra } };
}

const KEYS = [
  'leap',
  'stratum',
  'no_response',
  'error',
  'warning',
  'from_ls_id',
  'from_ss_id',
] as const;

/** The column's text again. */
export function attributesText(score: LogScore): string | null {
  if (score.attributes !== null) return score.attributes;
  return KEYS.every((key) => score[key] === null) ? null : formatAttributes(score);
}

/** A record as the row it was made of, in the words of zongji; `ts` stays microseconds. */
export function asRow(score: LogScore): ZongjiRow {
  const { id, server_id, monitor_id, ts, score: value, step, offset, rtt } = score;
  const attributes = attributesText(score);
  return { id, server_id, monitor_id, ts, score: value, step, offset, rtt, attributes };
}

/** Zongji's row in the same form: columns that the table lacks are NULL, `ts` (UTC) microseconds. */
export function expectedRow(row: ZongjiRow): ZongjiRow {
  const ts = microseconds(String(row['ts']));
  return { rtt: null, attributes: null, ...row, ts };
}

function microseconds(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new Error(`zongji decoded no time: ${text}`);
  const seconds = Date.parse(`${match[1]}T${match[2]}Z`) / 1000;
  return Number(BigInt(seconds) * 1_000_000n + BigInt((match[3] ?? '').padEnd(6, '0')));
}
