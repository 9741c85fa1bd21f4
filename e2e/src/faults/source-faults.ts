import type { Fault } from './fault.ts';
import { BINLOG_FAULTS } from './source/binlog-faults.ts';
import { CONNECTION_FAULTS } from './source/connection-faults.ts';
import { FAILOVER_FAULTS } from './source/failover-faults.ts';
import { FOREIGN_FAULTS } from './source/foreign-faults.ts';
import { RESET_FAULTS } from './source/reset-faults.ts';
import { TABLE_FAULTS } from './source/table-faults.ts';
import { TRANSACTION_FAULTS } from './source/transaction-faults.ts';

/** What goes wrong, or is merely odd, where the rows come from. */
export const SOURCE_FAULTS: readonly Fault[] = [
  ...FAILOVER_FAULTS,
  ...CONNECTION_FAULTS,
  ...BINLOG_FAULTS,
  ...RESET_FAULTS,
  ...FOREIGN_FAULTS,
  ...TRANSACTION_FAULTS,
  ...TABLE_FAULTS,
];
