import fc from 'fast-check';

export interface ColumnDefinition {
  readonly name: string;
  readonly sql: string;
  /** What stands for its value in an INSERT. */
  readonly parameter: string;
}

export interface TableDefinition {
  readonly columns: readonly ColumnDefinition[];
  readonly rows: readonly (readonly Value[])[];
}

export type Value = string | number | Buffer | null;

interface ColumnWithValues extends ColumnDefinition {
  readonly values: fc.Arbitrary<Value>;
}

const BITS = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 53 } as const;
type Integer = keyof typeof BITS;
const UP_TO_INT = ['tinyint', 'smallint', 'mediumint', 'int'] as const;

function integer(
  name: string,
  types: readonly Integer[],
  { min = 0n, max = 2n ** 53n - 2n, nullable = false } = {},
): fc.Arbitrary<ColumnWithValues> {
  return fc.tuple(fc.constantFrom(...types), fc.boolean()).map(([type, unsigned]) => {
    const bits = BigInt(BITS[type]) - (unsigned || type === 'bigint' ? 0n : 1n);
    const top = 2n ** bits - 1n;
    const bottom = unsigned ? 0n : -top - 1n;
    const values = fc
      .bigInt({ min: min > bottom ? min : bottom, max: max < top ? max : top })
      .map(String);
    return column(name, `${type}${unsigned ? ' unsigned' : ''}`, values, nullable);
  });
}

function column(
  name: string,
  type: string,
  values: fc.Arbitrary<Value>,
  nullable: boolean,
  parameter = '?',
): ColumnWithValues {
  const sql = `${type} ${nullable ? 'NULL' : 'NOT NULL'}`;
  const all = nullable ? fc.option(values, { nil: null, freq: 4 }) : values;
  return { name, sql, parameter, values: all };
}

function double(name: string, nullable = false): fc.Arbitrary<ColumnWithValues> {
  const options = { noNaN: true, noDefaultInfinity: true };
  return fc.constantFrom(
    column(name, 'double', fc.double(options), nullable),
    column(name, 'float', fc.float({ ...options, min: -(2 ** 127), max: 2 ** 127 }), nullable),
  );
}

/** In text; zero or one digit of a fraction up to six. */
const time = fc
  .tuple(fc.constantFrom('datetime', 'timestamp'), fc.nat({ max: 6 }))
  .map(([type, decimals]) => {
    const years = type === 'timestamp' ? [1971, 2037] : [1828, 2254];
    const values = fc
      .date({
        min: new Date(Date.UTC(years[0]!, 0, 1)),
        max: new Date(Date.UTC(years[1]!, 11, 31)),
        noInvalidDate: true,
      })
      .chain((date) =>
        fc.nat({ max: 999_999 }).map((micros) => {
          const fraction = String(micros).padStart(6, '0').slice(0, decimals);
          const seconds = date.toISOString().slice(0, 19).replace('T', ' ');
          return decimals === 0 ? seconds : `${seconds}.${fraction}`;
        }),
      );
    return column('ts', `${type}(${decimals})`, values, false);
  });

const JSONS = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom(
    '{"leap":1,"stratum":2}',
    '{"error":"read udp a-\\u003eb: i/o timeout","no_response":true}',
    '{"from_ls_id":3000000000,"from_ss_id":7}',
    '{"leap": 1}',
    '{}',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);

const text = fc
  .tuple(
    fc.constantFrom('char(250)', 'varchar(250)', 'varchar(900)', 'tinytext', 'text', 'longtext'),
    fc.constantFrom('utf8mb4', 'utf8mb3', 'ascii', 'latin1'),
  )
  .map(([type, charset]) => {
    const sql = `${type} CHARACTER SET ${charset}`;
    const raw = `CONVERT(CAST(? AS BINARY) USING ${charset})`;
    return column('attributes', sql, texts(charset), true, raw);
  });

function texts(charset: string): fc.Arbitrary<Value> {
  const bytes = JSONS.map((value) => Buffer.from(value)).filter((value) => value.length < 250);
  switch (charset) {
    case 'latin1':
      return fc.oneof(
        bytes,
        fc.uint8Array({ maxLength: 60 }).map((value) => Buffer.from(value)),
      );
    case 'ascii':
      return bytes.filter((value) => value.every((byte) => byte < 128));
    case 'utf8mb3':
      return bytes.filter((value) => value.every((byte) => byte < 0xf0));
    default:
      return bytes;
  }
}

const INT32 = 2n ** 31n;

/** A table as capture takes it: any accepted types, in any order, with and without what is optional. */
export function anyTable(rows: number): fc.Arbitrary<TableDefinition> {
  return fc
    .record({
      required: fc.tuple(
        integer('id', ['int', 'bigint'], { min: 1n }),
        integer('server_id', UP_TO_INT),
        integer('monitor_id', UP_TO_INT, { nullable: true }),
        time,
        double('score'),
        double('step'),
        double('offset', true),
      ),
      optional: fc.subarray([0, 1]),
      rtt: integer('rtt', UP_TO_INT, { min: -INT32, max: INT32 - 1n, nullable: true }),
      text,
    })
    .chain(({ required, optional, rtt, text: attributes }) => {
      const all = [...required, ...optional.map((index) => (index === 0 ? rtt : attributes))];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .chain((columns) => {
      const id = columns.findIndex(({ name }) => name === 'id');
      const row = fc.tuple(...columns.map(({ values }) => values));
      return fc
        .uniqueArray(row, { selector: (cells) => cells[id], minLength: rows, maxLength: rows })
        .map((filled) => ({ columns, rows: filled }));
    });
}
