import { type AddedColumn, type TopicVersion, VERSION_1 } from './topic-version.ts';

/** A datum that is not a LogScore of the writer schema. `at` is the position of what is wrong. */
export class DatumError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = 'DatumError';
    this.at = at;
  }
}

/** The first branch of a union. */
const NULL = 0;
/** The count of entries that ends a map. */
const NO_MORE = 0;

/**
 * Checks one LogScore datum of a version by walking over it, and keeps the values that landing needs.
 * Every number is within its type's range, every union branch one of the two, every length within the
 * datum, and the datum ends where the record does. One object is used for all records.
 *
 * The position is a variable that every step returns anew: as a field it would be stored for each byte.
 * It only grows, so what ends where it should was within the datum all the time, and a null is not asked.
 */
export class DatumWalker {
  id = 0;
  serverId = 0;
  timestampUs = 0;
  /** Where `extra` begins, which is the last field of version 1. */
  extraAt = 0;
  /** Where the last field ends that is not both added since version 1 and NULL. */
  valuesEnd = 0;
  readonly #added: readonly AddedColumn[];

  constructor({ added }: TopicVersion = VERSION_1) {
    this.#added = added;
  }

  /** @throws DatumError when `bytes[start..end]` is not exactly one LogScore. */
  walk(bytes: Uint8Array, start: number, end: number): void {
    let at = skipLong(bytes, start, end, 'id');
    this.id = longOf(bytes, start, at);
    if (this.id < 0) throw new DatumError(start, `id: ${this.id} is negative`);
    let from = at;
    at = skipLong(bytes, from, end, 'server_id');
    this.serverId = longOf(bytes, from, at);
    if (bytes[at++] !== NULL)
      at = skipLong(bytes, present(bytes, at, 'monitor_id'), end, 'monitor_id');
    from = at;
    at = skipLong(bytes, from, end, 'ts');
    this.timestampUs = longOf(bytes, from, at);
    at = skip(16, at, end, 'score, step');
    if (bytes[at++] !== NULL) at = skip(8, present(bytes, at, 'offset'), end, 'offset');
    if (bytes[at++] !== NULL) at = skipInt(bytes, present(bytes, at, 'rtt'), end, 'rtt');
    if (bytes[at++] !== NULL) at = skipInt(bytes, present(bytes, at, 'leap'), end, 'leap');
    if (bytes[at++] !== NULL) at = skipInt(bytes, present(bytes, at, 'stratum'), end, 'stratum');
    if (bytes[at++] !== NULL)
      at = skipBoolean(bytes, present(bytes, at, 'no_response'), end, 'no_response');
    if (bytes[at++] !== NULL) at = skipString(bytes, present(bytes, at, 'error'), end, 'error');
    if (bytes[at++] !== NULL) at = skipString(bytes, present(bytes, at, 'warning'), end, 'warning');
    if (bytes[at++] !== NULL)
      at = skipLong(bytes, present(bytes, at, 'from_ls_id'), end, 'from_ls_id');
    if (bytes[at++] !== NULL)
      at = skipLong(bytes, present(bytes, at, 'from_ss_id'), end, 'from_ss_id');
    if (bytes[at++] !== NULL)
      at = skipString(bytes, present(bytes, at, 'attributes'), end, 'attributes');
    this.extraAt = at;
    if (bytes[at++] !== NO_MORE) at = skipMap(bytes, at - 1, end, 'extra');
    this.valuesEnd = at;
    if (this.#added.length > 0) at = this.#skipAdded(bytes, at, end);
    if (at !== end) throw new DatumError(at, at > end ? 'cut off' : `${end - at} bytes too many`);
  }

  #skipAdded(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (const { name, family } of this.#added) {
      if (bytes[at++] === NULL) continue;
      at = present(bytes, at, name);
      at = family === 'number' ? skip(8, at, end, name) : skipLong(bytes, at, end, name);
      this.valuesEnd = at;
    }
    return at;
  }
}

/** Which of a union's branches stands before `at`, when it is not null. Returns `at`. */
function present(bytes: Uint8Array, at: number, field: string): number {
  if (bytes[at - 1] === 2) return at;
  throw new DatumError(at - 1, `${field}: no such union branch`);
}

// Where what begins at `at` ends: checked for being whole, and of its type.

function skip(length: number, at: number, end: number, field: string): number {
  if (length > end - at) throw new DatumError(at, `${field}: cut off`);
  return at + length;
}

function skipLong(bytes: Uint8Array, at: number, end: number, field: string): number {
  const after = skipVarint(bytes, at, end, field);
  // Seven bits of seven bytes and four of the eighth are less than 2^53.
  const isSafe = after - at < 8 || (after - at === 8 && bytes[after - 1]! < 16);
  if (isSafe) return after;
  if (after - at > 10) throw new DatumError(after, `${field}: more than 64 bits`);
  if (!Number.isSafeInteger(longOf(bytes, at, after))) {
    throw new DatumError(after, `${field}: beyond 2^53`);
  }
  return after;
}

function skipInt(bytes: Uint8Array, at: number, end: number, field: string): number {
  const after = skipVarint(bytes, at, end, field);
  if (after - at < 5 || (after - at === 5 && bytes[after - 1]! < 16)) return after;
  throw new DatumError(after, `${field}: not 32 bits`);
}

function skipBoolean(bytes: Uint8Array, at: number, end: number, field: string): number {
  const after = skip(1, at, end, field);
  if (bytes[at]! > 1) throw new DatumError(at, `${field}: no boolean`);
  return after;
}

function skipString(bytes: Uint8Array, at: number, end: number, field: string): number {
  const after = skipLong(bytes, at, end, field);
  const length = longOf(bytes, at, after);
  if (length < 0) throw new DatumError(after, `${field}: length ${length}`);
  return skip(length, after, end, field);
}

/** Blocks of entries up to an empty one; a negative count has the block's bytes behind it. */
function skipMap(bytes: Uint8Array, start: number, end: number, field: string): number {
  let at = start;
  for (;;) {
    const countAt = at;
    at = skipLong(bytes, at, end, field);
    const count = longOf(bytes, countAt, at);
    if (count === 0) return at;
    let size = -1;
    if (count < 0) {
      const sizeAt = at;
      at = skipLong(bytes, at, end, field);
      size = longOf(bytes, sizeAt, at);
    }
    const from = at;
    for (let entry = Math.abs(count); entry > 0; entry--) {
      at = skipString(bytes, at, end, field);
      at = skipString(bytes, at, end, field);
    }
    if (count < 0 && at - from !== size) {
      throw new DatumError(from, `${field}: a block of ${at - from} bytes, not ${size}`);
    }
  }
}

function skipVarint(bytes: Uint8Array, start: number, end: number, field: string): number {
  for (let at = start; at < end; at++) if (bytes[at]! < 128) return at + 1;
  throw new DatumError(end, `${field}: cut off`);
}

/** The number whose zigzag varint is `bytes[at..after]`. */
function longOf(bytes: Uint8Array, at: number, after: number): number {
  let low = bytes[at]! & 127;
  const lowEnd = Math.min(after, at + 4);
  for (let i = at + 1, shift = 7; i < lowEnd; i++, shift += 7) low |= (bytes[i]! & 127) << shift;
  if (lowEnd === after) return (low >>> 1) ^ -(low & 1);
  let high = 0;
  for (let i = after - 1; i >= lowEnd; i--) high = high * 128 + (bytes[i]! & 127);
  // Halved before the parts are joined: twice a safe integer, and one less, is not always exact.
  const magnitude = high * 2 ** 27 + (low >>> 1);
  return (low & 1) === 1 ? -magnitude - 1 : magnitude;
}
