import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasGtids } from './gtid-history.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4f22fa47-71ca-11e1-9e33-c80aa9429562';

const MYSQL: [history: string, wanted: string, answer: boolean | null][] = [
  [`${A}:1-10`, `${A}:1-10`, true],
  [`${A}:1-10`, `${A}:3-4:7`, true],
  [`${A}:1-10`, `${A}:1-11`, false],
  [`${A}:1-10:12-20`, `${A}:9-13`, false],
  [`${A}:1-10:11-20`, `${A}:9-13`, true],
  [`${A}:1-10,\n${A}:8-20`, `${A}:9-13`, true],
  [`${A}:1-10,\n${B}:1-5`, `${B}:5`, true],
  [`${A}:1-10`, `${A}:1-10,${B}:1`, false],
  [`${A.toUpperCase()}:1-10`, `${A}:1-10`, true],
  [`${A}:1-10:upgrade:1-3`, `${A}:1-10:upgrade:2`, true],
  [`${A}:1-10:upgrade:1-3`, `${A}:upgrade:4`, false],
  [`${A}:1-10:upgrade:1-3`, `${A}:other:1`, false],
  [`${A}:upgrade:1-3`, `${A}:1-3`, false],
  [`${A}:1-9007199254740993`, `${A}:9007199254740994`, false],
  ['', `${A}:1`, null],
  [`${A}:1-10`, '', null],
  [`${A}:1-10`, A, null],
  [`${A}:1-10`, `${A}:1-`, null],
  [`${A}:1-10`, '0-1-5', null],
];

test('a MySQL history has a set when every group of it is there', () => {
  for (const [history, wanted, answer] of MYSQL) {
    assert.equal(hasGtids('mysql', history, wanted), answer, `${history} has ${wanted}`);
  }
});

const MARIADB: [history: string, wanted: string, answer: boolean | null][] = [
  ['0-1-100', '0-1-100', true],
  ['0-1-101', '0-1-100', true],
  ['0-1-99', '0-1-100', false],
  ['0-1-9007199254740992', '0-1-9007199254740993', false],
  ['0-1-100,1-1-5', '0-1-100,1-1-5', true],
  ['0-1-100,1-1-5', '1-1-4', true],
  ['0-1-100,1-1-5', '0-1-100,1-1-6', false],
  ['0-1-100', '0-1-100,1-1-1', false],
  // Server 2 wrote on behind 0-1-100, or a number 100 of its own.
  ['0-2-101', '0-1-100', null],
  ['0-2-100', '0-1-100', null],
  ['0-2-99', '0-1-100', false],
  ['', '0-1-100', null],
  ['0-1-100', '', null],
  ['0-1-100', '0-1', null],
  ['0-1-100', `${A}:1`, null],
];

test('a MariaDB history has a position when its domains have come as far, by the same server', () => {
  for (const [history, wanted, answer] of MARIADB) {
    assert.equal(hasGtids('mariadb', history, wanted), answer, `${history} has ${wanted}`);
  }
});
