import type { Damage } from '../mutants/damage.ts';
import { damaged, insteadOfEndTxn, type Kind } from './publisher-code.ts';

/** A commit of which capture cannot know whether it was made: one whose EndTxn brought no answer. */
export interface LostAnswer {
  readonly what: string;
  readonly kind: Kind;
  readonly damage: Damage;
  /** Whether it was made. */
  readonly isCommitted: boolean;
}

const RESET =
  "socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));";

/** What the ledger says of it, if the transaction is committed. */
const SAY = 'say({ position: next.position, published: next.reconcile?.published ?? null });';

const BOTH = ['rows of the stream', 'rows of the table'] as const satisfies readonly Kind[];

const WAYS: readonly (Pick<LostAnswer, 'what' | 'isCommitted'> & {
  readonly code: string;
  readonly kinds: readonly Kind[];
})[] = [
  {
    what: 'EndTxn is lost with its connection',
    code: RESET,
    kinds: BOTH,
    isCommitted: false,
  },
  {
    what: 'the answer to EndTxn is lost with its connection',
    code: `write(); ${RESET}`,
    kinds: BOTH,
    isCommitted: true,
  },
  {
    // Until the request times out.
    what: 'the answer to EndTxn never comes',
    code: "write(); socket.removeAllListeners('data'); socket.resume();",
    kinds: ['rows of the stream'],
    isCommitted: true,
  },
];

export const LOST_ANSWERS: readonly LostAnswer[] = WAYS.flatMap(
  ({ what, code, kinds, isCommitted }) =>
    kinds.map((kind) => ({
      what,
      kind,
      isCommitted,
      damage: damaged({
        name: `${what}: ${kind}`,
        kind,
        nth: 2,
        at: 'await transaction.commit();',
        place: 'before',
        code: insteadOfEndTxn(`${SAY} ${code}`),
      }),
    })),
);
