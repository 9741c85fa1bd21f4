/** The typed fields that come out of the JSON in `attributes`; null where it says nothing. */
export interface TypedAttributes {
  readonly leap: number | null;
  readonly stratum: number | null;
  readonly no_response: boolean | null;
  readonly error: string | null;
  readonly warning: string | null;
  readonly from_ls_id: number | null;
  readonly from_ss_id: number | null;
}

export interface ParsedAttributes extends TypedAttributes {
  /** The original text, whenever `formatAttributes` of the typed fields is not the same, byte for byte. */
  readonly text: string | null;
}

/** The pool counts leap and stratum in bytes, and so do its archives: what does not fit stays text. */
export const BYTE_MAX = 255;
/** 2^53 - 2: avsc, by which most readers in JavaScript read the topic, refuses larger ones. */
export const LONG_MAX = Number.MAX_SAFE_INTEGER - 1;

/**
 * Reads the column's text into typed fields without losing a byte of it: unknown keys, other types,
 * another order or spelling, invalid JSON all keep the text beside whatever fields could be read.
 */
export function parseAttributes(text: string): ParsedAttributes {
  const typed = typedFields(text);
  // All fields null without a text is what NULL itself becomes, so {} keeps its text.
  return { ...typed, text: text !== '{}' && formatAttributes(typed) === text ? null : text };
}

/**
 * The one text that typed fields stand for when no text was kept: as Go's encoding/json writes the
 * pool's struct, with its keys in this order, no spaces, and `<`, `>`, `&`, U+2028 and U+2029 escaped.
 */
export function formatAttributes(typed: TypedAttributes): string {
  const { leap, stratum, no_response, error, warning, from_ls_id, from_ss_id } = typed;
  const fields = { leap, stratum, no_response, error, warning, from_ls_id, from_ss_id };
  const present = Object.entries(fields).filter(([, value]) => value !== null);
  return JSON.stringify(Object.fromEntries(present)).replace(/[<>&\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const NONE: TypedAttributes = {
  leap: null,
  stratum: null,
  no_response: null,
  error: null,
  warning: null,
  from_ls_id: null,
  from_ss_id: null,
};

function typedFields(text: string): TypedAttributes {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return NONE;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return NONE;
  const fields = parsed as Record<string, unknown>;
  const own = (name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  return {
    leap: integer(own('leap'), BYTE_MAX),
    stratum: integer(own('stratum'), BYTE_MAX),
    no_response: typeof own('no_response') === 'boolean' ? (own('no_response') as boolean) : null,
    error: string(own('error')),
    warning: string(own('warning')),
    from_ls_id: integer(own('from_ls_id'), LONG_MAX),
    from_ss_id: integer(own('from_ss_id'), LONG_MAX),
  };
}

function integer(value: unknown, max: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
    ? value + 0 // -0, which JSON can say and Avro cannot
    : null;
}

/** A lone surrogate, which JSON can escape, has no UTF-8: such a value stays in the text. */
function string(value: unknown): string | null {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value) ? value : null;
}
