import { LOG_SCORE_V1, type TextField } from '@scoreline/schema';
import { SettingError } from '@scoreline/service';

/** Rows whose column matches are kept out of the topic. */
export interface ExcludeRule {
  readonly column: TextField;
  readonly pattern: RegExp;
}

const COLUMNS: readonly TextField[] = LOG_SCORE_V1.fields.flatMap(({ name }) =>
  name === 'extra' ? [] : name,
);

/** Flags of JavaScript that change what matches; the others change what a match remembers. */
const FLAGS: readonly string[] = ['i', 'm', 's', 'u', 'v'];

/**
 * `monitor_id=/^(17|18)$/, attributes=/"error":"i\/o timeout"/i`: columns with regular expressions, as
 * JavaScript writes them, and commas between.
 *
 * @throws SettingError that says where.
 */
export function parseExclude(text: string): readonly ExcludeRule[] {
  const rules: ExcludeRule[] = [];
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    const { rule, end } = readRule(text, at);
    rules.push(rule);
    at = skipSpace(text, end);
    if (at === text.length) return rules;
    if (text[at] !== ',') throw wrong(at, 'a comma must follow, and then the next column=/regex/');
    at++;
  }
}

function readRule(text: string, from: number): { rule: ExcludeRule; end: number } {
  const [head = '', name = ''] = /^(\w*)\s*=\s*\//.exec(text.slice(from)) ?? [];
  if (head === '') throw wrong(from, 'column=/regex/ must begin here');
  const column = COLUMNS.find((one) => one === name);
  if (column === undefined) {
    throw wrong(from, `there is no column ${JSON.stringify(name)}, only ${COLUMNS.join(', ')}`);
  }
  const start = from + head.length;
  const close = endOfPattern(text, start);
  if (close < 0) throw wrong(start - 1, 'this / has no other one behind it, which ends the regex');
  const [flags = ''] = /^\w*/.exec(text.slice(close + 1)) ?? [];
  const pattern = compile(text.slice(start, close), flags, start);
  return { rule: { column, pattern }, end: close + 1 + flags.length };
}

/** Where the slash is that ends it: not behind a backslash, nor within brackets. */
function endOfPattern(text: string, from: number): number {
  let isInClass = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '/' && !isInClass) return at;
  }
  return -1;
}

function compile(source: string, flags: string, at: number): RegExp {
  if (source === '') throw wrong(at, 'the regex is empty, and would match every row');
  for (const flag of flags) {
    if (FLAGS.includes(flag)) continue;
    throw wrong(at + source.length + 1, `${flag} is none of the flags ${FLAGS.join(', ')}`);
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw wrong(at, (error as Error).message);
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

function wrong(at: number, what: string): SettingError {
  return new SettingError(`at character ${at + 1}, ${what}`);
}
