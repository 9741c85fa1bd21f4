import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BinlogPosition, OpenGroup } from '@scoreline/ledger';
import fc from 'fast-check';

import { GroupError, GroupRules } from './group-rules.ts';

const at = (offset: number): BinlogPosition => ({ file: 'binlog.000001', offset });

function opened(open: OpenGroup | null = null): GroupRules {
  const rules = new GroupRules(open);
  rules.begin('transaction', at(open?.start.offset ?? 100));
  return rules;
}

function throwsCode(code: string, work: () => unknown): void {
  assert.throws(work, (error: unknown) => error instanceof GroupError && error.code === code);
}

test('a group of MySQL is a transaction only when its first query is BEGIN', () => {
  const rules = new GroupRules();
  rules.begin('undecided', at(100));
  rules.beginQuery(at(150));
  assert.equal(rules.statement(at(200)), false);
  rules.rows(3, at(300));
  assert.equal(rules.held, 3);
  assert.equal(rules.commit(), 'committed');
  assert.ok(rules.between);

  rules.begin('undecided', at(400));
  assert.equal(rules.statement(at(450)), true, 'a definition is the whole group');
  assert.ok(rules.between);
});

test('rows are refused wherever a transaction is not open', () => {
  throwsCode('binlog-doubt', () => new GroupRules().rows(1, at(10)));
  const undecided = new GroupRules();
  undecided.begin('undecided', at(10));
  throwsCode('binlog-doubt', () => undecided.rows(1, at(20)));
  const single = new GroupRules();
  single.begin('single', at(10));
  throwsCode('binlog-doubt', () => single.rows(1, at(20)));
});

test('an XA group passes without rows of the table, and stops at its first', () => {
  const rules = new GroupRules();
  rules.begin('undecided', at(10));
  rules.beginXa(at(20));
  assert.equal(rules.xaPrepare(), 'dropped');
  rules.begin('xa', at(30));
  throwsCode('xa-group', () => rules.rows(1, at(50)));
});

test('rows that come before an XA PREPARE never pass for rolled back', () => {
  const rules = opened();
  rules.rows(1, at(110));
  throwsCode('xa-group', () => rules.xaPrepare());
});

test('the outcome of an XA transaction is a group of its own, whatever it is announced as', () => {
  for (const kind of ['transaction', 'single', 'undecided'] as const) {
    const rules = new GroupRules();
    rules.begin(kind, at(10));
    assert.equal(rules.xaOutcome(at(20)), 'dropped');
    assert.ok(rules.between);
  }
});

test('a group within a group, and an end without one, are doubt', () => {
  throwsCode('binlog-doubt', () => opened().begin('transaction', at(200)));
  throwsCode('binlog-doubt', () => opened().beginQuery(at(200)));
  throwsCode('binlog-doubt', () => new GroupRules().commit());
  throwsCode('binlog-doubt', () => new GroupRules().drop('ROLLBACK'));
  throwsCode('binlog-doubt', () => new GroupRules().savepoint('a'));
});

test('ROLLBACK TO cuts back to the mark, keeps it, and forgets the later ones', () => {
  const rules = opened();
  rules.rows(2, at(110));
  rules.savepoint('a');
  rules.rows(3, at(120));
  rules.savepoint('b');
  rules.rows(4, at(130));
  assert.equal(rules.rollbackTo('a'), 2);
  throwsCode('binlog-doubt', () => rules.rollbackTo('b'));
  rules.rows(1, at(140));
  assert.equal(rules.rollbackTo('a'), 2);
  assert.equal(rules.held, 2);
});

test('a savepoint that is set again moves', () => {
  const rules = opened();
  rules.savepoint('a');
  rules.rows(1, at(110));
  rules.savepoint('b');
  rules.savepoint('a');
  rules.rows(1, at(120));
  assert.equal(rules.rollbackTo('b'), 1);
  throwsCode('binlog-doubt', () => rules.rollbackTo('a'));
});

test('what is out cannot be taken back', () => {
  const rules = opened();
  rules.savepoint('a');
  rules.rows(5, at(110));
  rules.savepoint('b');
  assert.deepEqual(rules.part(at(110)), { start: at(100), end: at(110), rows: 5 });
  assert.equal(rules.held, 0);
  rules.rows(2, at(120));
  assert.equal(rules.rollbackTo('b'), 0, 'back to what is out exactly is no loss');
  throwsCode('part-rolled-back', () => rules.rollbackTo('a'));
  throwsCode('part-rolled-back', () => rules.drop('ROLLBACK'));
});

test('a group that is out in part is left out up to there when it is read again', () => {
  const rules = opened({ start: at(100), end: at(130), rows: 3 });
  assert.equal(rules.rows(4, at(110)), false);
  rules.savepoint('a');
  assert.equal(rules.rows(4, at(120)), false);
  assert.equal(rules.rollbackTo('a'), 0);
  throwsCode('binlog-doubt', () => rules.rows(1, at(130)));
});

test('its rows must be as many as are out', () => {
  const rules = opened({ start: at(100), end: at(120), rows: 6 });
  assert.equal(rules.rows(4, at(110)), false);
  assert.equal(rules.rows(2, at(120)), false);
  assert.equal(rules.replaying, false);
  assert.equal(rules.rows(1, at(130)), true);
  assert.equal(rules.held, 1);
  assert.equal(rules.commit(), 'committed');
  assert.equal(rules.openGroup, null);
});

test('another group in its place, an end before it, and an event across it are doubt', () => {
  const open = { start: at(100), end: at(130), rows: 3 };
  throwsCode('binlog-doubt', () => new GroupRules(open).begin('transaction', at(99)));
  throwsCode('binlog-doubt', () => opened(open).commit());
  throwsCode('binlog-doubt', () => opened(open).rows(3, at(131)));
});

/** What happens in a group, with an event's number as its position. */
type Step =
  | { readonly do: 'rows'; readonly count: number }
  | { readonly do: 'savepoint' | 'back'; readonly name: string };

interface Group {
  readonly steps: readonly Step[];
  readonly end: 'commit' | 'rollback' | 'crash';
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('rows' as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('savepoint' as const),
      name: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('back' as const), name: fc.constantFrom('a', 'b') }),
  },
);
const group: fc.Arbitrary<Group> = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  end: fc.constantFrom('commit', 'commit', 'commit', 'rollback', 'crash'),
});

type Event =
  | { readonly is: 'begin' | 'commit' | 'rollback' | 'restart' }
  | { readonly is: 'savepoint' | 'back'; readonly name: string }
  | { readonly is: 'rows'; readonly ids: readonly number[] };

/** The events of groups, and the ids that the server holds in the end. */
function write(groups: readonly Group[]): { events: Event[]; committed: number[] } {
  const events: Event[] = [];
  const committed: number[] = [];
  let nextId = 1;
  for (const { steps, end } of groups) {
    events.push({ is: 'begin' });
    let held: number[] = [];
    const marks = new Map<string, number>();
    for (const one of steps) {
      if (one.do === 'rows') {
        const ids = Array.from({ length: one.count }, () => nextId++);
        held.push(...ids);
        events.push({ is: 'rows', ids });
      } else if (one.do === 'savepoint') {
        marks.delete(one.name);
        marks.set(one.name, held.length);
        events.push({ is: 'savepoint', name: one.name });
      } else if (marks.has(one.name)) {
        const names = [...marks.keys()];
        for (const later of names.slice(names.indexOf(one.name) + 1)) marks.delete(later);
        held = held.slice(0, marks.get(one.name));
        events.push({ is: 'back', name: one.name });
      }
    }
    events.push({ is: end === 'crash' ? 'restart' : end });
    if (end === 'commit') committed.push(...held);
  }
  return { events, committed };
}

interface Saved {
  readonly position: number;
  readonly open: OpenGroup | null;
}

/** Captures events as the service does: rows and checkpoint together, from the checkpoint after a crash. */
function capture(
  events: readonly Event[],
  { mostHeld, crashes }: { mostHeld: number; crashes: readonly boolean[] },
): { topic: number[]; stopped: string | null } {
  const topic: number[] = [];
  let saved: Saved = { position: 0, open: null };
  let turn = 0;
  for (;;) {
    const rules = new GroupRules(saved.open);
    let held: number[] = [];
    let ready: number[] = [];
    let reached = saved;
    let died = false;
    try {
      for (let index = saved.position; index < events.length && !died; index++) {
        const event = events[index]!;
        const start = at(index);
        const end = at(index + 1);
        switch (event.is) {
          case 'begin':
            rules.begin('transaction', start);
            break;
          case 'rows':
            if (rules.rows(event.ids.length, end)) held.push(...event.ids);
            break;
          case 'savepoint':
            rules.savepoint(event.name);
            break;
          case 'back':
            held = held.slice(0, rules.rollbackTo(event.name));
            break;
          case 'commit':
            rules.commit();
            ready.push(...held);
            held = [];
            break;
          case 'rollback':
          case 'restart':
            rules.drop(event.is);
            held = [];
            break;
          default:
            event satisfies never;
        }
        assert.equal(held.length, rules.held);
        if (rules.between) reached = { position: index + 1, open: null };
        else if (held.length >= mostHeld) {
          ready.push(...held);
          held = [];
          reached = { position: reached.position, open: rules.part(end) };
        }
        // One Kafka transaction, or the process dies instead.
        if (crashes.length > 0 && crashes[turn++ % crashes.length] && turn < 200) died = true;
        else if (turn % 3 === 0 || index === events.length - 1) {
          topic.push(...ready);
          ready = [];
          saved = { position: reached.position, open: rules.openGroup };
        }
      }
    } catch (error) {
      if (error instanceof GroupError) return { topic, stopped: error.code };
      throw error;
    }
    if (!died) return { topic, stopped: null };
  }
}

const groups = fc.array(group, { maxLength: 12 });
const crashes = fc.array(fc.boolean(), { maxLength: 24 });

test('what is captured is what was committed, whatever was rolled back and whenever the process died', () => {
  fc.assert(
    fc.property(groups, crashes, (written, dies) => {
      const { events, committed } = write(written);
      const { topic, stopped } = capture(events, { mostHeld: 1_000, crashes: dies });
      assert.equal(stopped, null);
      assert.deepEqual(topic, committed);
    }),
    { numRuns: 2_000 },
  );
});

test('the same for groups that go out in parts; only a rollback of what is out stops it', () => {
  let finished = 0;
  let stoppedRuns = 0;
  fc.assert(
    fc.property(groups, crashes, fc.integer({ min: 1, max: 6 }), (written, dies, mostHeld) => {
      const { events, committed } = write(written);
      const { topic, stopped } = capture(events, { mostHeld, crashes: dies });
      assert.equal(new Set(topic).size, topic.length, 'nothing twice');
      if (stopped === null) {
        finished++;
        assert.deepEqual(topic, committed);
      } else {
        stoppedRuns++;
        assert.equal(stopped, 'part-rolled-back');
        assert.ok(events.some(({ is }) => is === 'back' || is === 'rollback' || is === 'restart'));
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(finished > 300 && stoppedRuns > 100, `${finished} finished, ${stoppedRuns} stopped`);
});

test('a part that is left out of the replay, or read again, would be seen', () => {
  const { events, committed } = write([
    {
      steps: [
        { do: 'rows', count: 4 },
        { do: 'rows', count: 4 },
      ],
      end: 'commit',
    },
  ]);
  const { topic } = capture(events, { mostHeld: 4, crashes: [false, false, false, true] });
  assert.deepEqual(topic, committed);
});
