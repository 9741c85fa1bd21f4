import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mariadbGtids } from '@scoreline/database';
import type { ScorelineError } from '@scoreline/service';
import fc from 'fast-check';

import { MariadbCapturedGroups, MysqlCapturedGroups } from './captured-groups.ts';
import { Overlap } from './overlap.ts';
import type { Progress } from './reader-interface.ts';
import { BinlogBuilder, FILE } from './testing/binlog.ts';
import { TestReader } from './testing/read-binlog.ts';

type Flavour = 'mariadb' | 'mysql';

const UUID = 'abababab-abab-abab-abab-abababababab';
const BEGINNING = { file: FILE, offset: 4 };

/** A binlog of groups in this order, each with one row, whose id tells domain and number. */
function binlogOf(flavour: Flavour, groups: readonly (readonly [number, number])[]): BinlogBuilder {
  const binlog = new BinlogBuilder(flavour);
  for (const [domain, number] of groups) {
    binlog.gtidOf(number, domain);
    if (flavour === 'mysql') binlog.query('BEGIN');
    binlog.insert(idOf([domain, number]));
    binlog.xid();
  }
  return binlog;
}

const idOf = ([domain, number]: readonly [number, number]): number => domain * 1_000 + number;

function overlapOf(flavour: Flavour, captured: string, end: typeof BEGINNING): Overlap {
  const groups =
    flavour === 'mysql'
      ? new MysqlCapturedGroups(captured, captured)
      : new MariadbCapturedGroups(mariadbGtids(captured), new Map());
  return new Overlap(groups, end);
}

function readerOf(binlog: BinlogBuilder, captured: string): TestReader {
  const { flavour, end } = binlog;
  return new TestReader({
    flavour,
    gtidSet: captured,
    overlap: overlapOf(flavour, captured, end),
  });
}

test('what was captured from another server is passed over, and its rows are not looked at', () => {
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const binlog = binlogOf(flavour, [[0, 1]]);
    binlog.gtidOf(2);
    if (flavour === 'mysql') binlog.query('BEGIN');
    binlog.query('SAVEPOINT a');
    binlog.tableMap(9, { database: 'ntp', table: 'log_scores' });
    binlog.rows([1], { type: 24 });
    binlog.rows([4], { id: 1_234 });
    binlog.xid();
    binlog.gtidOf(3, 0, 1);
    binlog.query('TRUNCATE TABLE log_scores');
    const last = binlog.events.at(-1)!;
    const captured = flavour === 'mysql' ? `${UUID}:1-3` : '0-1-3';
    const reader = readerOf(binlog, captured).dump(binlog.events);
    assert.deepEqual(reader.told, ['resumed']);
    const { ids, progress } = reader.take();
    assert.deepEqual(ids, []);
    assert.deepEqual(progress.position, binlog.end, 'behind it a position tells it all');
    assert.equal(progress.event?.start, last.start.offset);
    assert.equal(progress.gtidSet, captured);
  }
});

test('until all of it has come, the checkpoint is told by GTIDs alone', () => {
  const binlog = binlogOf('mysql', [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
  ]);
  const reader = readerOf(binlog, `${UUID}:1:3`);
  const upTo = (count: number): void => {
    for (const { bytes, type } of binlog.events.splice(0, count)) reader.read(bytes, type);
  };
  reader.dump([]);
  upTo(1 + 5);
  assert.deepEqual(reader.told, [], 'nothing to publish, and not all has been seen');
  upTo(5);
  assert.deepEqual(reader.told, ['resumed']);
  const early = reader.take();
  assert.deepEqual(early.ids, [2]);
  assert.deepEqual(early.progress.position, BEGINNING);
  assert.equal(early.progress.event, null);
  assert.equal(early.progress.gtidSet, `${UUID}:1-3`);
  upTo(5);
  const late = reader.take();
  assert.deepEqual(late.ids, []);
  assert.ok(late.progress.event !== null);
  upTo(5);
  assert.deepEqual(reader.take().ids, [4]);
  assert.deepEqual(reader.told, ['resumed']);
});

test('a group that a crash cut short comes again, and is passed over both times', () => {
  const binlog = new BinlogBuilder();
  binlog.gtidOf(1);
  binlog.insert(1);
  binlog.restart();
  binlog.gtidOf(1);
  binlog.insert(1);
  binlog.xid();
  binlog.gtidOf(2);
  binlog.insert(2);
  binlog.xid();
  assert.deepEqual(readerOf(binlog, '0-1-1').dump(binlog.events).take().ids, [2]);
});

test('another history stops before anything is taken', () => {
  const binlog = binlogOf('mariadb', [
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
  for (const captured of ['0-7-2', '0-1-9', '0-1-3,5-1-1']) {
    const reader = readerOf(binlog, captured);
    assert.throws(
      () => reader.dump(binlog.events),
      (error: ScorelineError) => {
        assert.equal(error.code, 'source-diverged', error.message);
        assert.equal(error.action, 'stop');
        assert.match(error.message, /binlog\.000001:\d+/);
        assert.match(error.remedy ?? '', /accept_new_source/);
        return true;
      },
    );
    assert.deepEqual(reader.told, [], captured);
    assert.deepEqual(reader.take().ids, []);
  }
});

interface History {
  readonly flavour: Flavour;
  /** As the new server has them. */
  readonly groups: readonly (readonly [number, number])[];
  /** How many of each domain were captured (MySQL: which). */
  readonly captured: readonly (readonly [number, number])[];
  /** After how many events capture dies. */
  readonly deaths: readonly number[];
}

const histories: fc.Arbitrary<History> = fc
  .record({
    flavour: fc.constantFrom<Flavour>('mariadb', 'mysql'),
    domains: fc.array(fc.nat(2), { minLength: 1, maxLength: 14 }),
    picks: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
    deaths: fc.array(fc.nat(40), { maxLength: 5 }),
  })
  .map(({ flavour, domains, picks, deaths }) => {
    if (flavour === 'mysql') {
      const groups = domains.map((_, index) => [0, index + 1] as const);
      return { flavour, groups, captured: groups.filter((_, index) => picks[index]), deaths };
    }
    const numbers = new Map<number, number>();
    const groups = domains.map((domain) => {
      const number = (numbers.get(domain) ?? 0) + 1;
      numbers.set(domain, number);
      return [domain, number] as const;
    });
    // Of each domain a beginning: up to the first one that is not picked.
    const open = new Set<number>();
    const captured = groups.filter(([domain], index) => {
      if (!picks[index]) open.add(domain);
      return !open.has(domain);
    });
    return { flavour, groups, captured, deaths };
  })
  .filter(({ captured }) => captured.length > 0);

test('in any order and through any deaths, every group that was not captured comes once', () => {
  fc.assert(
    fc.property(histories, ({ flavour, groups, captured, deaths }) => {
      const binlog = binlogOf(flavour, groups);
      const { end, events } = binlog;
      let gtidSet =
        flavour === 'mysql'
          ? captured.map(([, number]) => `${UUID}:${number}`).join(',')
          : [
              ...new Map(
                captured.map(([domain, number]) => [domain, `${domain}-1-${number}`]),
              ).values(),
            ].join(',');
      let from: Pick<Progress, 'position' | 'event'> = { position: BEGINNING, event: null };
      const taken: number[] = [];
      for (const life of [...deaths, events.length]) {
        const overlap = from.event === null ? overlapOf(flavour, gtidSet, end) : undefined;
        const reader = new TestReader({ flavour, gtidSet, ...from, ...(overlap && { overlap }) });
        reader.dump(events.slice(0, life));
        if (!reader.told.includes('resumed')) continue;
        const { ids, progress } = reader.take();
        taken.push(...ids);
        ({ gtidSet } = progress);
        from = { position: progress.position, event: progress.event };
      }
      const wanted = groups.filter((group) => !captured.includes(group)).map(idOf);
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        wanted.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 200 },
  );
});
