import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isWithin, mariadbGtids } from '@scoreline/database';
import { GtidSet } from '@vlasky/zongji';
import fc from 'fast-check';

import {
  countGtids,
  GtidsDiverge,
  MariadbCapturedGroups,
  MysqlCapturedGroups,
} from './captured-groups.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

test('a MySQL group is one of the captured when the set names it, in any order', () => {
  const groups = new MysqlCapturedGroups(`${A}:1-5:8,${B}:2`, `${A}:5:8`);
  assert.equal(groups.left, 2);
  assert.ok(groups.has(`${A}:8`));
  groups.passed();
  assert.ok(!groups.has(`${A}:7`));
  assert.ok(!groups.has(`${B}:1`));
  assert.ok(groups.has(`${A}:5`));
  groups.passed();
  assert.equal(groups.left, 0);
});

test('GTIDs of a MySQL set are counted, tags and white space and all', () => {
  assert.equal(countGtids(''), 0);
  assert.equal(countGtids(`${A}:7`), 1);
  assert.equal(countGtids(`${A}:1-5:8,\n${B}:2:tag_1:3-4`), 9);
  const set = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(set, (numbers) => {
      const text = GtidSet.parse(numbers.map((number) => `${A}:${number}`).join(',')).toString();
      assert.equal(countGtids(text), numbers.length);
    }),
  );
});

test('MariaDB groups of a domain are captured up to and with the last one', () => {
  const groups = new MariadbCapturedGroups(mariadbGtids('0-1-7,4-2-9'), mariadbGtids('0-1-5'));
  assert.equal(groups.left, 2);
  for (const gtid of ['0-1-6', '0-1-7']) {
    assert.ok(groups.has(gtid), gtid);
    groups.passed();
  }
  assert.equal(groups.left, 1);
  assert.ok(!groups.has('0-2-8'), 'behind the last one');
  assert.ok(!groups.has('7-1-1'), 'a domain that was not captured');
  assert.ok(groups.has('4-2-9'));
  groups.passed();
  assert.equal(groups.left, 0);
});

test('nothing is left of a domain whose last group came before', () => {
  const before = mariadbGtids('0-1-7');
  assert.equal(new MariadbCapturedGroups(mariadbGtids('0-1-7'), before).left, 0);
});

test('a MariaDB domain that comes by the captured group without it tells another history', () => {
  for (const gtid of ['0-2-7', '0-1-8', '0-2-8']) {
    const groups = new MariadbCapturedGroups(mariadbGtids('0-1-7'), mariadbGtids(''));
    assert.throws(() => groups.has(gtid), GtidsDiverge, gtid);
  }
});

test('MariaDB histories compare by domain, and a number has one server', () => {
  const history = mariadbGtids('0-1-7,4-2-9');
  const isIn = (text: string): boolean => isWithin([...mariadbGtids(text).values()][0]!, history);
  assert.deepEqual(['0-1-6', '0-2-6', '0-1-7', '4-2-9'].map(isIn), [true, true, true, true]);
  assert.deepEqual(['0-2-7', '0-1-8', '5-1-1'].map(isIn), [false, false, false]);
  assert.equal(mariadbGtids('[0-1-5, 0-2-6]').get(0)?.text, '0-2-6', 'the last one counts');
});
