import { AttributesText } from './attributes-text.ts';
import { AvroReader } from './avro-read.ts';
import { LOG_SCORE_V1, type TextField } from './log-score.ts';

type Value = number | boolean | string | null;
type Kind = 'long' | 'int' | 'double' | 'boolean' | 'string' | 'time';

interface Field {
  readonly name: TextField;
  readonly kind: Kind;
  readonly nullable: boolean;
}

const FIELDS: readonly Field[] = LOG_SCORE_V1.fields.flatMap(({ name, type }): Field[] => {
  if (name === 'extra') return [];
  if (typeof type === 'string') return [{ name, kind: type, nullable: false }];
  if ('logicalType' in type) return [{ name, kind: 'time', nullable: false }];
  return [{ name, kind: type[1], nullable: true }];
});

const LEAP = indexOf('leap');
const ATTRIBUTES = indexOf('attributes');

/**
 * Fields of encoded rows as text, for rules that look at it: integers in decimal, doubles as JavaScript
 * writes them (the shortest text that reads as the same number), `ts` as `2026-01-31 12:00:00` in UTC, with
 * six more digits where it has a fraction, and `attributes` as the text that the column has.
 *
 * Only what is asked for is decoded, and nothing behind the last of it is looked at.
 */
export class DatumText {
  readonly #wanted: readonly number[];
  /** By field: whether its value is needed. */
  readonly #decoded: readonly boolean[];
  /** Fields that are walked over, from the first on. */
  readonly #walked: number;
  readonly #reader = new AvroReader();
  readonly #attributes = new AttributesText();
  readonly #values: Value[] = FIELDS.map(() => null);
  #leapAt = 0;
  /** Rows of one second stand together. */
  #micros = Number.NaN;
  #timeText = '';

  constructor(wanted: readonly TextField[]) {
    this.#wanted = wanted.map((name) => indexOf(name));
    this.#decoded = FIELDS.map(({ name }) => wanted.includes(name));
    this.#walked = Math.max(
      this.#decoded.lastIndexOf(true, ATTRIBUTES - 1) + 1,
      this.#decoded[ATTRIBUTES] === true ? LEAP : 0,
    );
  }

  /** Goes to the datum that begins at `at`, of this process's own making. */
  read(bytes: Buffer, at: number): void {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = at;
    for (let index = 0; index < this.#walked; index++) {
      if (index === LEAP) this.#leapAt = reader.at;
      const { kind, nullable } = FIELDS[index]!;
      this.#values[index] = nullable && !reader.isPresent() ? null : this.#value(index, kind);
    }
    if (this.#walked === LEAP) this.#leapAt = reader.at;
  }

  /** The text of the field that was asked for as number `nth`; null for NULL. */
  text(nth: number): string | null {
    const index = this.#wanted[nth]!;
    if (index === ATTRIBUTES) {
      return this.#attributes.of(this.#reader.bytes, this.#leapAt);
    }
    const value = this.#values[index]!;
    if (value === null) return null;
    return FIELDS[index]!.kind === 'time' ? this.#time(value as number) : String(value);
  }

  #value(index: number, kind: Kind): Value {
    const reader = this.#reader;
    switch (kind) {
      case 'long':
      case 'int':
      case 'time':
        return reader.long();
      case 'double':
        return reader.double();
      case 'boolean':
        return reader.boolean();
      case 'string':
        if (this.#decoded[index] === true) return reader.string();
        reader.skipString();
        return null;
      default:
        return kind satisfies never;
    }
  }

  #time(micros: number): string {
    if (micros !== this.#micros) {
      this.#micros = micros;
      this.#timeText = timeText(micros);
    }
    return this.#timeText;
  }
}

function indexOf(name: TextField): number {
  return FIELDS.findIndex((field) => field.name === name);
}

function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const fraction = micros - seconds * 1e6;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}
