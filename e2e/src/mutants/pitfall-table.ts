/** A row of docs/8-pitfalls.md. */
export interface Pitfall {
  readonly id: string;
  /** Files of the repository that the row names. */
  readonly guards: readonly string[];
  readonly tests: readonly string[];
  /** Why no mutant can be made; null where one must be. */
  readonly noMutant: string | null;
}

const ROW = /^\| [A-Z]\d+ /;
const FILE = /`([\w@+./-]+\.(?:ts|patch))`/g;

/** Rows of the tables whose first cell is a pitfall's number. */
export function pitfallsOf(page: string): Pitfall[] {
  return page
    .split('\n')
    .filter((line) => ROW.test(line))
    .map((line) => {
      const [id = '', , , guard = '', test = '', ...more] = line.slice(1, -1).split('|');
      if (more.length > 0) throw new Error(`${id.trim()} has more than five cells`);
      return {
        id: id.trim(),
        guards: filesIn(guard),
        tests: filesIn(test),
        noMutant: /no mutant: (.+)/.exec(test)?.[1]?.trim() ?? null,
      };
    });
}

function filesIn(cell: string): string[] {
  return [...cell.matchAll(FILE)].map(([, file]) => file!);
}
