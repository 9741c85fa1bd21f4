import { isSameSource } from '@scoreline/database';
import type { Checkpoint, SourceIdentity } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

import { anew, type KnownLedger, tailOptions } from './anew.ts';
import type { Beginning, Fenced } from './beginning.ts';
import { compareTail, type Tail } from './compare-tail.ts';
import { atSource, tableAt } from './from-now.ts';
import { type Continuation, continuation } from './gtid-continuation.ts';
import { FILE_START } from './resume-point.ts';
import type { SessionOptions } from './session-options.ts';
import { requireSameSource, sourceLabel } from './source-identity.ts';

/**
 * Whether a checkpoint is told by its GTIDs alone, since its place in the binlog is not known: capture
 * had gone on at another server, and had not passed all that it knew of the one before.
 */
export function isByGtids({ event, gtidSet }: Checkpoint): boolean {
  return event === null && gtidSet !== '';
}

/**
 * Goes on at a server that has taken the place of the one that the checkpoint knows. Its GTIDs say that
 * it has every transaction that was captured; that these are more than numbers, its newest rows say,
 * which must be those of the topic.
 *
 * Its binlog is read from the file on in which the first transaction may be that was not captured; those
 * that were captured are passed over. Where it does not reach back so far, or a transaction was
 * published in part, the table says what is missing.
 *
 * @throws PermanentError `source-changed`, `source-behind`, `source-rewound`
 */
export async function failover(
  options: SessionOptions,
  fenced: Fenced,
  known: KnownLedger,
  identity: SourceIdentity,
): Promise<Beginning> {
  const { captured, checkpoint, topics } = known;
  const { source: before, gtidSet, openGroup } = checkpoint;
  if (gtidSet === '' || before.flavour !== identity.flavour) requireSameSource(before, identity);
  const { log } = options;
  const isMoving = !isSameSource(before, identity);
  const moved: Checkpoint = { ...checkpoint, source: identity };
  // Its parts are told by places in the other server's binlog.
  const isCut = isMoving && openGroup !== null;
  const seen = { from: before, to: identity, gtidSet };

  const found = await atSource({ ...options, ...fenced, identity }, async (connection) => {
    const answer = await continuation(connection, identity.flavour, gtidSet);
    if (answer.kind === 'lacking') throw lacking(before, identity, answer);
    if (answer.kind === 'gone' || isCut) return answer;
    const table = await tableAt(connection, {
      ...options,
      ...fenced,
      identity,
      optionalColumns: checkpoint.optionalColumns,
    });
    requireCopy(before, identity, await compareTail(tailOptions(options, fenced, known), table));
    return answer;
  });
  if (found.kind === 'here' && !isCut) {
    const { file, overlap } = found;
    log.warn(
      { ...seen, file },
      isMoving ? 'failed over: going on by GTID at another server' : 'going on by GTID',
    );
    const position = { file, offset: FILE_START };
    const next = { ...moved, position, event: null };
    return { checkpoint: next, captured, topics, isNew: true, overlap };
  }
  log.warn(
    { ...seen, openGroup, why: found.kind === 'gone' ? found.why : 'a transaction is out in part' },
    'failed over: beginning anew at another server, and reading its table for what is missing',
  );
  const next = await anew(options, fenced, {
    checkpoint: moved,
    captured,
    topics,
    reason: 'new_source',
    proven: (tail) => {
      requireCopy(before, identity, tail);
      if (isCut && tail.held < tail.captured) throw cut(before, identity, tail);
    },
  });
  return { checkpoint: next, captured, topics, isNew: true, overlap: null };
}

function requireCopy(from: SourceIdentity, to: SourceIdentity, tail: Tail): void {
  if (tail.captured === 0 || tail.compared > 0) return;
  throw new PermanentError(
    `another server answers, and nothing shows that it is a copy: the ledger was captured from ${sourceLabel(from)}, this is ${sourceLabel(to)}, and its table holds none of the newest ${tail.captured} captured rows`,
    { code: 'source-changed', remedy: acceptIfRight(from, to) },
  );
}

function lacking(
  from: SourceIdentity,
  to: SourceIdentity,
  { missing, isApart }: Extract<Continuation, { kind: 'lacking' }>,
): PermanentError {
  if (isSameSource(from, to)) {
    return new PermanentError(
      `the source was rewound or rebuilt: ${sourceLabel(to)} does not have ${missing}, which it had`,
      {
        code: 'source-rewound',
        remedy:
          'The server lost transactions that were captured, and may give their ids to other rows. Compare the newest rows of the topic with the table, then start a new ledger under another topic_prefix.',
      },
    );
  }
  if (isApart) requireSameSource(from, to);
  return new PermanentError(
    `another server answers, and it lacks transactions that were captured: ${sourceLabel(to)} does not have ${missing} of ${sourceLabel(from)}`,
    { code: 'source-behind', remedy: waitOrAccept(to) },
  );
}

function cut(from: SourceIdentity, to: SourceIdentity, tail: Tail): PermanentError {
  return new PermanentError(
    `another server answers, and it may lack a transaction of ${sourceLabel(from)} that was too large to hold and is published in part: of the newest ${tail.captured} captured rows ${sourceLabel(to)} holds ${tail.held}`,
    { code: 'source-behind', remedy: waitOrAccept(to) },
  );
}

function waitOrAccept({ serverUuid }: SourceIdentity): string {
  return `Let it catch up with the server that the ledger knows, and start again. Nothing was published. If that server is lost and these transactions with it, accept_new_source=${serverUuid} goes on without them, as far as the rows of topic and table agree.`;
}

function acceptIfRight(from: SourceIdentity, { serverUuid }: SourceIdentity): string {
  return `Point database_dsn at ${sourceLabel(from)}. If this one has taken its place, and has everything that it had, set accept_new_source=${serverUuid} to go on here.`;
}
