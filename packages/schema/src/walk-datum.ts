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

/**
 * Checks one LogScore datum of a version by walking over it, and keeps the values that landing needs.
 * Every number is within its type's range, every union branch one of the two, every length within the
 * datum, and the datum ends where the record does. One object is used for all records.
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
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;

  constructor({ added }: TopicVersion = VERSION_1) {
    this.#added = added;
  }

  /** @throws DatumError when `bytes[at..end]` is not exactly one LogScore. */
  walk(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.id = this.#long('id');
    if (this.id < 0) throw new DatumError(at, `id: ${this.id} is negative`);
    this.serverId = this.#long('server_id');
    if (this.#present('monitor_id')) this.#long('monitor_id');
    this.timestampUs = this.#long('ts');
    this.#skip(16, 'score, step');
    if (this.#present('offset')) this.#skip(8, 'offset');
    if (this.#present('rtt')) this.#int('rtt');
    if (this.#present('leap')) this.#int('leap');
    if (this.#present('stratum')) this.#int('stratum');
    if (this.#present('no_response')) this.#boolean('no_response');
    if (this.#present('error')) this.#string('error');
    if (this.#present('warning')) this.#string('warning');
    if (this.#present('from_ls_id')) this.#long('from_ls_id');
    if (this.#present('from_ss_id')) this.#long('from_ss_id');
    if (this.#present('attributes')) this.#string('attributes');
    this.extraAt = this.#at;
    this.#map('extra');
    this.valuesEnd = this.#at;
    if (this.#added.length > 0) this.#walkAdded();
    if (this.#at !== end) throw new DatumError(this.#at, `${end - this.#at} bytes too many`);
  }

  #walkAdded(): void {
    for (const { name, family } of this.#added) {
      if (!this.#present(name)) continue;
      if (family === 'number') this.#skip(8, name);
      else this.#long(name);
      this.valuesEnd = this.#at;
    }
  }

  #present(field: string): boolean {
    const branch = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (branch === 2) {
      this.#at++;
      return true;
    }
    if (branch !== 0) throw new DatumError(this.#at, `${field}: no such union branch`);
    this.#at++;
    return false;
  }

  #long(field: string): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#at >= end) throw new DatumError(this.#at, `${field}: cut off`);
      const byte = bytes[this.#at++]!;
      low |= (byte & 127) << shift;
      if (byte < 128) return (low >>> 1) ^ -(low & 1);
    }
    return this.#longer(field, low);
  }

  /** A varint of more than four bytes: the first 28 bits are in `low`. */
  #longer(field: string, low: number): number {
    const bytes = this.#bytes;
    let high = 0;
    let scale = 1;
    for (let count = 5; ; count++) {
      if (this.#at >= this.#end) throw new DatumError(this.#at, `${field}: cut off`);
      if (count > 10) throw new DatumError(this.#at, `${field}: more than 64 bits`);
      const byte = bytes[this.#at++]!;
      high += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    // Halved before the parts are joined: twice a safe integer, and one less, is not always exact.
    const magnitude = high * 2 ** 27 + (low >>> 1);
    const value = (low & 1) === 1 ? -magnitude - 1 : magnitude;
    if (!Number.isSafeInteger(value)) throw new DatumError(this.#at, `${field}: beyond 2^53`);
    return value;
  }

  #int(field: string): void {
    const start = this.#at;
    const value = this.#long(field);
    if (value !== (value | 0) || this.#at - start > 5)
      throw new DatumError(this.#at, `${field}: not 32 bits`);
  }

  #boolean(field: string): void {
    this.#skip(1, field);
    if (this.#bytes[this.#at - 1]! > 1) throw new DatumError(this.#at - 1, `${field}: no boolean`);
  }

  #string(field: string): void {
    const length = this.#long(field);
    if (length < 0) throw new DatumError(this.#at, `${field}: length ${length}`);
    this.#skip(length, field);
  }

  /** Blocks of entries up to an empty one; a negative count has the block's bytes behind it. */
  #map(field: string): void {
    for (;;) {
      const count = this.#long(field);
      if (count === 0) return;
      const bytes = count < 0 ? this.#long(field) : null;
      const from = this.#at;
      for (let entry = Math.abs(count); entry > 0; entry--) {
        this.#string(field);
        this.#string(field);
      }
      if (bytes !== null && this.#at - from !== bytes) {
        throw new DatumError(from, `${field}: a block of ${this.#at - from} bytes, not ${bytes}`);
      }
    }
  }

  #skip(length: number, field: string): void {
    if (length > this.#end - this.#at) throw new DatumError(this.#at, `${field}: cut off`);
    this.#at += length;
  }
}
