/** Which rows there are, cheaply: enough to tell that none is lost, doubled or foreign. */
export interface Identity {
  readonly count: number;
  readonly distinct: number;
  readonly sum: number;
}

/** Collects ids, one bit each. */
export class IdSet {
  #bits = new Uint8Array(1 << 20);
  #count = 0;
  #distinct = 0;
  #sum = 0;

  add(id: number): void {
    const index = Math.floor(id / 8);
    if (!Number.isSafeInteger(index) || index < 0) throw new Error(`not an id: ${id}`);
    if (index >= this.#bits.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(index + 1)));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    const bit = 1 << (id % 8);
    const byte = this.#bits[index] ?? 0;
    if ((byte & bit) === 0) {
      this.#bits[index] = byte | bit;
      this.#distinct += 1;
    }
    this.#count += 1;
    this.#sum += id;
  }

  get identity(): Identity {
    return { count: this.#count, distinct: this.#distinct, sum: this.#sum };
  }
}

/** A bench must not report lost rows as speed. */
export function assertIdentical(where: string, seen: Identity, expected: Identity): void {
  if (
    seen.count === expected.count &&
    seen.distinct === expected.distinct &&
    seen.sum === expected.sum
  )
    return;
  const told = ({ count, distinct, sum }: Identity): string =>
    `${count} rows, ${distinct} distinct ids, sum of ids ${sum}`;
  throw new Error(`${where} holds ${told(seen)}; the source holds ${told(expected)}`);
}

/** The id in an Avro record of Confluent's wire format whose first field is a long. */
export function avroId(value: Buffer): number {
  let result = 0;
  let factor = 1;
  for (let at = 5; ; at++) {
    const byte = value[at];
    if (byte === undefined) throw new Error('a record ends within its id');
    result += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
    factor *= 128;
  }
  // Zigzag: ids are never negative.
  return result / 2;
}

/** The id in a JSON record, where its column is the first thing called "id". */
export function jsonId(value: Buffer): number {
  const at = value.indexOf('"id":');
  const id = at < 0 ? Number.NaN : Number.parseInt(value.toString('latin1', at + 5, at + 25), 10);
  if (Number.isNaN(id)) throw new Error(`a record without an id: ${value.toString()}`);
  return id;
}
