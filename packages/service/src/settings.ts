import { z } from 'zod';

import { parseByteSize, parseDuration } from './units.ts';

/**
 * The kinds of settings. Each takes text, because that is what an environment holds, and ends in
 * `.describe('One sentence.')`, from which the help and docs/4-configuration.md are printed:
 *
 *     linger: duration('50ms').describe('How long a transaction waits for more groups.')
 *
 * Without a default a setting is required; `.optional()` lifts that.
 */
export interface SettingFacts {
  /** What a value looks like, for people: `duration`, `integer from 1 to 100`. */
  readonly type: string;
  readonly default?: string | undefined;
  /** Never shown in logs, errors, /status or docs. */
  readonly secret?: boolean | undefined;
  /** One letter for the command line. */
  readonly flag?: string | undefined;
  /** Why the setting is accepted and does nothing. */
  readonly ignored?: string | undefined;
  /** The archiver accepted this setting and ignored it; here it works, which start-up says. */
  readonly newlyEffective?: boolean | undefined;
}

export type Setting<T> = z.ZodType<T>;

/** Everything that `describeSettings` knows beside the sentence. */
export const settingFacts = z.registry<SettingFacts>();

/** Times are given to timers, and a timer of 2^31 ms or more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What is wrong with a setting's text, and where: for one in which that is not seen at a glance. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/**
 * A kind of its own: `parse` returns the value, or null when the text is not a `type`; or it throws a
 * SettingError that says more.
 */
export function setting<T>(
  facts: SettingFacts,
  parse: (text: string) => T | null,
  expected = facts.type,
): Setting<T> {
  const parsed = z.string({ error: `required: ${expected}` }).transform((text, context): T => {
    const value = attempt(parse, text.trim());
    const isWrong = value instanceof SettingError;
    if (value !== null && !isWrong) return value;
    context.addIssue({ code: 'custom', message: isWrong ? value.message : `expected ${expected}` });
    return z.NEVER;
  });
  const schema = facts.default === undefined ? parsed : parsed.prefault(facts.default);
  return schema.register(settingFacts, facts);
}

function attempt<T>(parse: (text: string) => T | null, text: string): T | SettingError | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SettingError) return error;
    throw error;
  }
}

export function text(def?: string): Setting<string> {
  return setting({ type: 'text', default: def }, (value) => value);
}

/** Text that is never shown. The passwords inside of DSNs and URLs are hidden by themselves, too. */
export function secret(def?: string): Setting<string> {
  return setting({ type: 'text', default: def, secret: true }, (value) => value);
}

export function flag(def: boolean): Setting<boolean> {
  return setting({ type: 'true or false', default: String(def) }, (value) => {
    if (/^(?:true|t|1|yes|on)$/i.test(value)) return true;
    return /^(?:false|f|0|no|off)$/i.test(value) ? false : null;
  });
}

export function integer(def?: number, { min = 0, max }: Bounds = {}): Setting<number> {
  const type = `integer ${range(min, max, String)}`;
  return setting({ type, default: def?.toString() }, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    return Number.isSafeInteger(number) ? within(number, min, max) : null;
  });
}

/** Milliseconds, written in Go's form. `min` and `max` are milliseconds. */
export function duration(
  def?: string,
  { min = 0, max = LONGEST_TIMER_MS }: Bounds = {},
): Setting<number> {
  const limits =
    min === 0 && max === LONGEST_TIMER_MS ? '' : ` ${range(min, max, (n) => `${n}ms`)}`;
  return setting(
    { type: 'duration', default: def },
    (value) => within(parseDuration(value), min, max),
    `a duration such as 500ms, 10m or 1h30m${limits}`,
  );
}

/** Bytes, written as `32MB`. */
export function byteSize(def?: string, { min = 0, max }: Bounds = {}): Setting<number> {
  const limits = min === 0 && max === undefined ? '' : ` ${range(min, max, (n) => `${n}B`)}`;
  return setting(
    { type: 'size', default: def },
    (value) => within(parseByteSize(value), min, max),
    `a size such as 512KiB, 32MB or 4096${limits}`,
  );
}

/** Separated by commas, without empty items. */
export function list(def?: string): Setting<readonly string[]> {
  return setting({ type: 'list', default: def }, items, 'one or more items, separated by commas');
}

export function choice<const T extends string>(values: readonly T[], def?: NoInfer<T>): Setting<T> {
  const type = values.map((value) => `\`${value}\``).join(' or ');
  return setting(
    { type, default: def },
    (value) => values.find((one) => one === value) ?? null,
    `one of ${values.join(', ')}`,
  );
}

/** An address with one of these schemes, such as `http`, without its trailing slash. */
export function url(schemes: readonly string[], def?: string): Setting<string> {
  const example = `${schemes[0]}://host:port`;
  return setting(
    { type: 'URL', default: def },
    (value) => {
      const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : '';
      return schemes.includes(scheme) ? value.replace(/\/+$/, '') : null;
    },
    `a URL such as ${example}`,
  );
}

/** A setting of the archiver that is accepted so that its environment can be kept, and does nothing. */
export function ignored(why: string): Setting<string | undefined> {
  return z.string().optional().register(settingFacts, { type: 'text', ignored: why }).describe(why);
}

/** Adds facts to a setting, such as a letter for the command line. */
export function withFacts<T>(schema: Setting<T>, facts: Partial<SettingFacts>): Setting<T> {
  const copy = schema.clone();
  settingFacts.add(copy, { ...factsOf(schema), ...facts });
  return copy;
}

/** The facts of a setting, whatever `.describe()`, `.optional()` and `.refine()` have wrapped around it. */
export function factsOf(schema: z.core.$ZodType): SettingFacts {
  for (let inner: z.core.$ZodType | undefined = schema; inner; inner = wrappedBy(inner)) {
    const facts = settingFacts.get(inner);
    if (facts) return facts;
  }
  return { type: 'text' };
}

/** The sentence that `.describe()` gave, wherever in the chain it stands. */
export function sentenceOf(schema: z.core.$ZodType): string {
  for (let inner: z.core.$ZodType | undefined = schema; inner; inner = wrappedBy(inner)) {
    const description = z.globalRegistry.get(inner)?.description;
    if (description !== undefined) return description;
  }
  return '';
}

function wrappedBy(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const def = schema._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  return def.innerType ?? def.in;
}

function items(value: string): readonly string[] | null {
  const all = value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return all.length === 0 ? null : all;
}

function within(value: number | null, min: number, max = Number.POSITIVE_INFINITY): number | null {
  return value !== null && value >= min && value <= max ? value : null;
}

function range(min: number, max: number | undefined, show: (n: number) => string): string {
  return max === undefined ? `of at least ${show(min)}` : `from ${show(min)} to ${show(max)}`;
}
