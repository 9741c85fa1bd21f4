/** Nothing came for so long, though more was to come. */
export class SilenceError extends Error {
  constructor(silenceMs: number, cause?: unknown) {
    super(`nothing for ${silenceMs} ms`, { cause });
    this.name = 'SilenceError';
  }
}
