/** The fields of a row that come out of its attributes. */
export interface TypedAttributes {
  readonly leap: number | null;
  readonly stratum: number | null;
  readonly noResponse: boolean | null;
  readonly error: string | null;
  readonly warning: string | null;
  readonly fromLsId: number | null;
  readonly fromSsId: number | null;
}

/** 2^53 - 2, the most that avsc reads. */
const LONG_MAX = Number.MAX_SAFE_INTEGER - 1;

const NOTHING: TypedAttributes = {
  leap: null,
  stratum: null,
  noResponse: null,
  error: null,
  warning: null,
  fromLsId: null,
  fromSsId: null,
};

/**
 * What the typed fields must be, from the text in MySQL: written from the description of the record
 * alone, without the code that fills it, so that the two can disagree.
 */
export function typedAttributes(text: string | null): TypedAttributes {
  if (text === null) return NOTHING;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOTHING;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NOTHING;
  const field = (key: string): unknown =>
    Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
  return {
    leap: within(field('leap'), 255),
    stratum: within(field('stratum'), 255),
    noResponse:
      typeof field('no_response') === 'boolean' ? (field('no_response') as boolean) : null,
    error: string(field('error')),
    warning: string(field('warning')),
    fromLsId: within(field('from_ls_id'), LONG_MAX),
    fromSsId: within(field('from_ss_id'), LONG_MAX),
  };
}

function within(value: unknown, most: number): number | null {
  // The sum makes 0 of -0.
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value + 0
    : null;
}

/** Half a surrogate pair, which JSON can spell, cannot be said in UTF-8. */
function string(value: unknown): string | null {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value) ? value : null;
}
