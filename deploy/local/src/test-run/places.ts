import { join } from 'node:path';

/**
 * Most test files wait more than they compute: two of them leave a third of two processors idle. These do
 * not, or they measure time. They take two places, so that what runs beside them stays what it was.
 */
export const WIDE: readonly string[] = [
  // Two million rows, read, published and compared.
  'e2e/dist/initial-snapshot.test.js',
  // 3,000 rows a second through everything, under kills.
  'e2e/dist/kill.test.js',
  // 2 GB, and a bound for memory.
  'e2e/dist/large-transaction.test.js',
  // From a kill to the next row, in seconds.
  'e2e/dist/takeover.test.js',
  // Every server and service at once; from Ctrl-C to the end of them all, in seconds.
  'deploy/local/dist/demo/demo.stack.test.js',
  'deploy/local/dist/demo/plant.stack.test.js',
];

/** Where the long ones are: begun last, they would run when nothing is left to run beside them. */
const LONG: readonly string[] = ['e2e/', 'services/'];

/** How many files may run at once, those of `WIDE` counted twice. */
export function placesOn(processors: number): number {
  return processors < 2 ? 1 : 3;
}

/** Of absolute paths of test files: what each takes, and in which order they begin. */
export class Places {
  readonly #wide: ReadonlySet<string>;
  readonly #long: readonly string[];

  constructor(root: string) {
    this.#wide = new Set(WIDE.map((file) => join(root, file)));
    this.#long = LONG.map((folder) => join(root, folder));
  }

  of(file: string): number {
    return this.#wide.has(file) ? 2 : 1;
  }

  /** The wide ones first: behind others they would wait for two places that are never free at once. */
  order(files: readonly string[]): string[] {
    return files.toSorted((a, b) => this.#rank(a) - this.#rank(b));
  }

  #rank(file: string): number {
    if (this.#wide.has(file)) return -1;
    const index = this.#long.findIndex((folder) => file.startsWith(folder));
    return index === -1 ? this.#long.length : index;
  }
}

/**
 * Runs what `run` does with each file, the first of `files` first, as many at once as there are places.
 * One that finds too few waits, and what needs fewer goes before it. Begins no more when `signal` says so.
 */
export async function inPlaces(
  files: readonly string[],
  places: number,
  { of, signal }: { readonly of: (file: string) => number; readonly signal: AbortSignal },
  run: (file: string) => Promise<void>,
): Promise<void> {
  const waiting = files.map((file) => ({ file, takes: Math.min(of(file), places) }));
  const running = new Set<Promise<void>>();
  let free = places;
  for (;;) {
    const index = signal.aborted ? -1 : waiting.findIndex(({ takes }) => takes <= free);
    if (index === -1) {
      if (running.size === 0) return;
      await Promise.race(running);
      continue;
    }
    const [{ file, takes }] = waiting.splice(index, 1) as [(typeof waiting)[number]];
    free -= takes;
    const one = run(file).finally(() => {
      free += takes;
      running.delete(one);
    });
    running.add(one);
  }
}
