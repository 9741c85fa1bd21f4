/** What a process told about the error that ended it. */
export interface Told {
  /** Message and remedy, for people. */
  readonly text: string;
  /** Null when it was told before there was a log. */
  readonly code: string | null;
  /** How many errors were told: more than one is not clear. */
  readonly errors: number;
}

/** Reads the output of a service: JSON lines, of which the fatal one counts, or plain lines before them. */
export function told(output: string): Told {
  const lines = output.split('\n').filter((line) => line !== '');
  const fatal = lines.flatMap((line) => {
    const record = parsed(line);
    return record?.['level'] === 'fatal' ? [record] : [];
  });
  const first = fatal[0];
  if (first === undefined) {
    const plain = lines.filter((line) => parsed(line) === null);
    return { text: plain.join('\n'), code: null, errors: plain.length === 0 ? 0 : 1 };
  }
  const err = (first['err'] ?? {}) as Readonly<Record<string, string | undefined>>;
  return {
    text: [err['message'], err['remedy']].filter((one) => one !== undefined).join('\n'),
    code: err['code'] ?? '',
    errors: fatal.length,
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
