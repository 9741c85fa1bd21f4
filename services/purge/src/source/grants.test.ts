import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isGranted } from './grants.ts';

const TABLE = { database: 'ntp_pool', table: 'log_scores' };

const CASES: [grants: string[], answer: boolean][] = [
  [[], false],
  [['GRANT USAGE ON *.* TO `s`@`%`'], false],
  [['GRANT TRIGGER ON *.* TO `s`@`%`'], true],
  [['GRANT ALL PRIVILEGES ON *.* TO `s`@`%` WITH GRANT OPTION'], true],
  [['GRANT SELECT, DELETE, TRIGGER ON `ntp_pool`.* TO `s`@`%`'], true],
  [['GRANT TRIGGER ON `ntp\\_pool`.* TO `s`@`%`'], true],
  [['GRANT TRIGGER ON `ntp\\_pool`.* TO `s`@`%`', 'GRANT SELECT ON *.* TO `s`@`%`'], true],
  [['GRANT TRIGGER ON `ntp%`.* TO `s`@`%`'], true],
  [['GRANT TRIGGER ON `ntp.pool`.* TO `s`@`%`'], false],
  [['GRANT TRIGGER ON `ntp`.* TO `s`@`%`'], false],
  [['GRANT TRIGGER ON `ntp_pool`.`log_scores` TO `s`@`%`'], true],
  [['GRANT TRIGGER ON `ntpXpool`.`log_scores` TO `s`@`%`'], false],
  [['GRANT TRIGGER ON `ntp_pool`.`other` TO `s`@`%`'], false],
  [['GRANT EXECUTE ON PROCEDURE `ntp_pool`.`log_scores` TO `s`@`%`'], false],
  [['GRANT `TRIGGER` TO `s`@`%`'], false],
  [['GRANT TRIGGER ON *.* TO `s`@`%`', 'REVOKE TRIGGER ON `ntp_pool`.* FROM `s`@`%`'], false],
  [['GRANT TRIGGER ON *.* TO `s`@`%`', 'REVOKE SELECT ON `ntp_pool`.* FROM `s`@`%`'], true],
];

test('a privilege is granted when a line gives it on everything, the database or the table', () => {
  for (const [grants, answer] of CASES) {
    assert.equal(isGranted(grants, 'TRIGGER', TABLE), answer, grants.join('; '));
  }
});
