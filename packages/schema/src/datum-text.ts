import { formatAttributes, type TypedAttributes } from './attributes.ts';
import { AvroReader } from './avro-read.ts';
import { LOG_SCORE_V1, type LogScoreField } from './log-score.ts';

type Value = number | boolean | string | null;
type Kind = 'long' | 'int' | 'double' | 'boolean' | 'string' | 'time';

interface Field {
  readonly name: LogScoreField;
  readonly kind: Kind;
  readonly nullable: boolean;
}

const FIELDS: readonly Field[] = LOG_SCORE_V1.fields.map(({ name, type }) => {
  if (typeof type === 'string') return { name, kind: type, nullable: false };
  if ('logicalType' in type) return { name, kind: 'time', nullable: false };
  return { name, kind: type[1], nullable: true };
});

const TYPED = FIELDS.slice(indexOf('leap'), indexOf('attributes'));

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
  readonly #last: number;
  readonly #reader = new AvroReader();
  readonly #values: Value[] = FIELDS.map(() => null);

  constructor(wanted: readonly LogScoreField[]) {
    const needed = new Set(wanted);
    // The record keeps the text only where these do not say it.
    if (needed.has('attributes')) for (const { name } of TYPED) needed.add(name);
    this.#wanted = wanted.map((name) => indexOf(name));
    this.#decoded = FIELDS.map(({ name }) => needed.has(name));
    this.#last = this.#decoded.lastIndexOf(true);
  }

  /** Goes to the datum that begins at `at`, of this process's own making. */
  read(bytes: Buffer, at: number): void {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = at;
    for (let index = 0; index <= this.#last; index++) {
      const { kind, nullable } = FIELDS[index]!;
      this.#values[index] = nullable && !reader.isPresent() ? null : this.#value(index, kind);
    }
  }

  /** The text of the field that was asked for as number `nth`; null for NULL. */
  text(nth: number): string | null {
    const index = this.#wanted[nth]!;
    const { name, kind } = FIELDS[index]!;
    const value = this.#values[index]!;
    if (value === null) return name === 'attributes' ? this.#formatted() : null;
    return kind === 'time' ? timeText(value as number) : String(value);
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

  #formatted(): string | null {
    const typed = TYPED.map(({ name }) => [name, this.#values[indexOf(name)]!] as const);
    if (typed.every(([, value]) => value === null)) return null;
    return formatAttributes(Object.fromEntries(typed) as unknown as TypedAttributes);
  }
}

function indexOf(name: LogScoreField): number {
  return FIELDS.findIndex((field) => field.name === name);
}

function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const fraction = micros - seconds * 1e6;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}
