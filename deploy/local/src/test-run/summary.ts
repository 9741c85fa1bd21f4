import type { Totals } from './floor.ts';

/** A line of the summary that Node closes a file's run with: `tests 12`. */
const LINE = /^(\w+) (\d+(?:\.\d+)?)$/;
const DURATION = 'duration_ms';

interface TestEvent {
  readonly type: string;
  readonly data: object;
}

/** Adds up Node's closing summaries of the files, which come in a run of each, to one of them all. */
export class Summary {
  readonly #counts = new Map<string, number>();
  readonly #beganAt = performance.now();
  #closing: TestEvent | undefined;

  /** Takes an event that is about a file's run as a whole; false of all others, which are to be shown. */
  takes(event: TestEvent): boolean {
    const { file, message } = event.data as { file?: string; message?: string };
    if (file !== undefined) return false;
    // Later releases of Node have it beside the lines, and show what failed when it comes.
    if (event.type === 'test:summary') {
      this.#closing = event;
      return true;
    }
    if (event.type !== 'test:diagnostic') return false;
    const [, name, count] = LINE.exec(message ?? '') ?? [];
    if (name === undefined) return false;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + Number(count));
    return true;
  }

  get totals(): Totals {
    const count = (name: string): number => this.#counts.get(name) ?? 0;
    return { tests: count('tests'), skipped: count('skipped'), todo: count('todo') };
  }

  /** As Node would have closed one run of all files. */
  events(): TestEvent[] {
    this.#counts.set(DURATION, performance.now() - this.#beganAt);
    const lines = [...this.#counts].map(([name, count]) => note(`${name} ${count}`));
    return this.#closing === undefined ? lines : [...lines, this.#closing];
  }
}

export function note(message: string): TestEvent {
  return { type: 'test:diagnostic', data: { nesting: 0, message } };
}
