import { ledgerToolCases } from './testing/ledger-tool-cases.ts';

ledgerToolCases('mysql');
