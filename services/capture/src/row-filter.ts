import { type Block, DatumText, type TextField } from '@scoreline/schema';

import type { ExcludeRule } from './exclude.ts';

/** Says which rows of a block the rules of `exclude` keep out. NULL matches no rule. */
export class RowFilter {
  readonly #rules: readonly { readonly pattern: RegExp; readonly field: number }[];
  readonly #columns: readonly TextField[];
  readonly #text: DatumText;

  constructor(rules: readonly ExcludeRule[]) {
    const fields = [...new Set(rules.map(({ column }) => column))];
    this.#columns = rules.map(({ column }) => column);
    this.#rules = rules.map(({ column, pattern }) => ({ pattern, field: fields.indexOf(column) }));
    this.#text = new DatumText(fields);
  }

  /** The column of the first rule that the row matches; null for a row that goes out. */
  excludes(block: Block, row: number): TextField | null {
    this.#text.read(block.bytes, block.start(row));
    for (const [index, { pattern, field }] of this.#rules.entries()) {
      const text = this.#text.text(field);
      if (text !== null && pattern.test(text)) return this.#columns[index]!;
    }
    return null;
  }
}
