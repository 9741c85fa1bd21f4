/** Both ends belong to it. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** `<from>-<to>`; null for anything else. */
export function parseIdRange(text: string): IdRange | null {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return Number.isSafeInteger(range.from) &&
    Number.isSafeInteger(range.to) &&
    range.from <= range.to
    ? range
    : null;
}
