/** A name, quoted or not, a string, or one other character. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'other';
  readonly text: string;
}

/**
 * The first `limit` tokens of a statement. Comments are left out, except for executable ones, whose
 * content counts: a server writes `DROP /*!40005 TEMPORARY ... TABLE`.
 */
export function sqlTokens(sql: string, limit = Number.POSITIVE_INFINITY): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (tokens.length < limit) {
    const match = TOKEN.exec(sql);
    if (match === null) break;
    const [whole] = match;
    const first = whole[0]!;
    if (/\s/.test(first) || whole.startsWith('--') || first === '#') continue;
    if (whole.startsWith('/*') || whole === '*/') continue;
    if (first === '`')
      tokens.push({ kind: 'name', text: whole.slice(1, -1).replaceAll('``', '`') });
    else if (first === '"' || first === "'")
      tokens.push({ kind: 'string', text: whole.slice(1, -1) });
    else if (WORD.test(first)) tokens.push({ kind: 'word', text: whole });
    else tokens.push({ kind: 'other', text: whole });
  }
  return tokens;
}

const WORD = /[\p{L}\p{N}_$@]/u;

const TOKEN = new RegExp(
  [
    String.raw`\s+`,
    String.raw`--[^\n]*`,
    String.raw`#[^\n]*`,
    // The head of an executable comment only; its content follows as tokens.
    String.raw`/\*M?!\d*`,
    String.raw`/\*[\s\S]*?\*/`,
    String.raw`\*/`,
    '`(?:[^`]|``)*`',
    String.raw`'(?:[^'\\]|\\.|'')*'`,
    String.raw`"(?:[^"\\]|\\.|"")*"`,
    String.raw`[\p{L}\p{N}_$@]+`,
    String.raw`[\s\S]`,
  ].join('|'),
  'gsu',
);
