import { ledgerTopic } from '@scoreline/ledger';
import { topicName } from '@scoreline/schema';

/** What a pipeline's things are called, the same on every host. */
export interface PipelineNames {
  readonly topic: string;
  readonly ledgerTopic: string;
  readonly transactionalId: string;
}

export function pipelineNames(table: string, prefix: string): PipelineNames {
  return {
    topic: topicName(table, undefined, prefix),
    ledgerTopic: ledgerTopic(table, prefix),
    transactionalId: `${prefix}scoreline-capture-${table}`,
  };
}
