import type { Fault } from './fault.ts';
import { TRANSACTION_FAULTS } from './source/transaction-faults.ts';

/** What goes wrong, or is merely odd, where the rows come from. */
export const SOURCE_FAULTS: readonly Fault[] = [...TRANSACTION_FAULTS];
