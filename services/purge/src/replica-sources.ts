import { DsnError, parseDsn, type Source } from '@scoreline/database';
import { type RuleProblem, secretsOf } from '@scoreline/service';

export interface ReplicaSettings {
  readonly replica_dsns?: readonly string[] | undefined;
}

/** What is wrong with any of the replicas' DSNs, without a word of them. */
export function replicaProblems({ replica_dsns: dsns = [] }: ReplicaSettings): RuleProblem[] {
  return dsns.flatMap((dsn, at) => {
    try {
      const { user } = parseDsn(dsn);
      if (user !== '') return [];
      return [problem(`number ${at + 1} names no user`)];
    } catch (error) {
      if (error instanceof DsnError) return [problem(`number ${at + 1}: ${error.message}`)];
      throw error;
    }
  });
}

/** The replicas, reached as the source itself is. From now on no log line shows their passwords. */
export function replicaSources(config: ReplicaSettings, like: Source): Source[] {
  return (config.replica_dsns ?? []).map((dsn, at) => {
    secretsOf(config).add(dsn);
    const parsed = parseDsn(dsn);
    return {
      ...parsed,
      database: parsed.database === '' ? like.database : parsed.database,
      table: like.table,
      timeZone: like.timeZone,
      tlsCa: like.tlsCa,
      origin: `replica_dsns, number ${at + 1}`,
    };
  });
}

function problem(what: string): RuleProblem {
  return { setting: 'replica_dsns', message: `replica_dsns: ${what}` };
}
