/** What the pool's monitor and scorer put into `attributes`, in the order of their Go struct. */
export interface Attributes {
  leap?: number;
  stratum?: number;
  no_response?: boolean;
  error?: string;
  warning?: string;
  from_ls_id?: number;
  from_ss_id?: number;
}

/**
 * As Go's encoding/json writes that struct: keys in the struct's order, empty values left out, no
 * spaces, and `<`, `>`, `&`, U+2028 and U+2029 escaped (a Go error such as
 * `read udp a->b: i/o timeout` is full of them).
 */
export function goJson(attributes: Attributes): string {
  const { leap, stratum, no_response, error, warning, from_ls_id, from_ss_id } = attributes;
  const fields = { leap, stratum, no_response, error, warning, from_ls_id, from_ss_id };
  const present = Object.entries(fields).filter(([, value]) => Boolean(value));
  return JSON.stringify(Object.fromEntries(present)).replace(/[<>&\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
