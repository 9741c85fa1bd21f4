/**
 * The secret values that this process knows, so that no log line, error or status page shows one,
 * whichever object or driver's message it is in. Values are added when they are read, also later,
 * when a rotated password is read again.
 */
export class Secrets {
  readonly #values = new Set<string>();

  add(value: string): void {
    const [user, password] = credentialsIn(value);
    for (const part of [value, password]) {
      // A password that is its user's name could be hidden only by hiding that name everywhere.
      if (part === undefined || part.length < SHORTEST || part === user) continue;
      this.#values.add(part);
      this.#values.add(encodeURIComponent(part));
      if (part.includes('%')) this.#values.add(decode(part));
    }
  }

  /** The text with every secret in it replaced; the longest first, as one may contain another. */
  scrub(text: string): string {
    let scrubbed = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) {
      if (scrubbed.includes(value)) scrubbed = scrubbed.replaceAll(value, REDACTED);
    }
    return scrubbed;
  }

  /** The same for a line of JSON, which stays JSON: only strings in it change. */
  scrubJson(line: string): string {
    for (const value of this.#values) {
      if (line.includes(value) || line.includes(JSON.stringify(value).slice(1, -1))) {
        return `${JSON.stringify(this.#walk(JSON.parse(line)))}\n`;
      }
    }
    return line;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.scrub(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#walk(item)]));
  }
}

export const REDACTED = '[redacted]';

/** Shorter values are hidden by their setting's name only: replacing every `a` would help nobody. */
const SHORTEST = 3;

/** The password of `user:password@host`, with or without a scheme; the last @ ends it, as in Go's DSN. */
export function passwordIn(dsn: string): string | undefined {
  return credentialsIn(dsn)[1];
}

function credentialsIn(dsn: string): [user?: string | undefined, password?: string | undefined] {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^:@/]*):(.+)@/is.exec(dsn);
  return [match?.[1], match?.[2]];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
