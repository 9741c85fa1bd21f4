import type { BinlogPosition } from '@scoreline/ledger';

import type { GroupEnd, GroupRules } from './group-rules.ts';
import type { RowCollector } from './row-collector.ts';
import type { Statement } from './statement.ts';

/** Tells the rules of a statement. What came of the group: `single` when the statement was all of it. */
export function followStatement(
  statement: Statement,
  group: GroupRules,
  start: BinlogPosition,
  collector: Pick<RowCollector, 'cut'>,
): GroupEnd | 'single' | 'open' {
  switch (statement.kind) {
    case 'begin':
      group.beginQuery(start);
      return 'open';
    case 'commit':
      return group.commit();
    case 'rollback':
      return group.drop('ROLLBACK');
    case 'savepoint':
      group.savepoint(statement.name);
      return 'open';
    case 'rollback-to':
      collector.cut(group.rollbackTo(statement.name));
      return 'open';
    case 'release':
      group.releaseSavepoint(statement.name);
      return 'open';
    case 'xa-start':
      group.beginXa(start);
      return 'open';
    case 'xa-outcome':
      return group.xaOutcome(start);
    case 'write':
    case 'erase':
    case 'other':
      return group.statement(start) ? 'single' : 'open';
    default:
      return statement satisfies never;
  }
}
