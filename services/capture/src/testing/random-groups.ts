import fc from 'fast-check';

import type { BinlogBuilder } from './binlog.ts';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom('SAVEPOINT `a`', 'SAVEPOINT b') },
  { weight: 1, arbitrary: fc.constantFrom('ROLLBACK TO `A`', 'ROLLBACK TO SAVEPOINT b') },
);

/** Groups: rows in some statements, savepoints between them, and an end. */
export const groups = fc.array(
  fc.record({
    steps: fc.array(step, { maxLength: 6 }),
    end: fc.constantFrom('xid', 'xid', 'COMMIT', 'ROLLBACK'),
  }),
  { maxLength: 10 },
);

export type Groups = typeof groups extends fc.Arbitrary<infer Value> ? Value : never;

/** Writes groups; without rollbacks where they must not take back. Returns the ids that commit. */
export function writeGroups(
  binlog: BinlogBuilder,
  written: Groups,
  mayTakeBack: boolean,
): number[] {
  const committed: number[] = [];
  let id = 1;
  for (const { steps, end } of written) {
    binlog.begin();
    let held: number[] = [];
    const marks = new Map<string, number>();
    for (const one of steps) {
      if (typeof one === 'number') {
        const ids = Array.from({ length: one }, () => id++);
        binlog.insert(...ids);
        held.push(...ids);
        continue;
      }
      const name = one.toLowerCase().includes('a`') ? 'a' : 'b';
      if (one.startsWith('SAVEPOINT')) {
        marks.delete(name);
        marks.set(name, held.length);
      } else {
        if (!marks.has(name) || !mayTakeBack) continue;
        const names = [...marks.keys()];
        for (const later of names.slice(names.indexOf(name) + 1)) marks.delete(later);
        held = held.slice(0, marks.get(name));
      }
      binlog.query(one);
    }
    const drops = end === 'ROLLBACK' && mayTakeBack;
    if (end === 'xid') binlog.xid();
    else binlog.query(drops ? 'ROLLBACK' : 'COMMIT');
    if (!drops) committed.push(...held);
  }
  return committed;
}
