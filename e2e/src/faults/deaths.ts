import type { Damage } from '../mutants/damage.ts';
import { damaged, type Fault, insteadOfEndTxn, type Kind, KINDS } from './publisher-code.ts';

/** A place in the cycle of publishing at which a process can die. */
interface Step extends Pick<Fault, 'at' | 'place' | 'code'> {
  readonly name: string;
  readonly needsRows?: true;
  readonly leaves: Left;
}

/** What the brokers say of the transaction when the process is gone. */
export type Left = 'open' | 'ended' | 'open or ended';

/** A step at which it dies with a transaction that carries one kind of thing. */
export interface Death {
  readonly step: string;
  readonly kind: Kind;
  readonly leaves: Left;
  readonly damage: Damage;
}

const FIRST: Kind = 'the first checkpoint';
const DIE = "say(); process.kill(process.pid, 'SIGKILL');";

/** The steps of `Publisher.#publish`, in their order. */
const STEPS: readonly Step[] = [
  {
    name: 'before the first send',
    at: 'const transaction = await producer.begin();',
    place: 'after',
    code: DIE,
    leaves: 'ended',
  },
  {
    name: 'rows sent, ledger not',
    needsRows: true,
    at: 'const next = this.#next(change, ends);',
    place: 'before',
    code: DIE,
    leaves: 'open',
  },
  {
    name: 'rows and ledger sent',
    at: 'await transaction.commit();',
    place: 'before',
    code: DIE,
    leaves: 'open',
  },
  {
    name: 'EndTxn sent, not answered',
    at: 'await transaction.commit();',
    place: 'before',
    code: insteadOfEndTxn(`write(); ${DIE}`),
    leaves: 'open or ended',
  },
  {
    name: 'EndTxn answered',
    at: 'await transaction.commit();',
    place: 'after',
    code: DIE,
    leaves: 'ended',
  },
];

export const DEATHS: readonly Death[] = STEPS.flatMap((step) =>
  KINDS.filter((kind) => step.needsRows !== true || kind !== FIRST).map((kind) => ({
    step: step.name,
    kind,
    leaves: step.leaves,
    damage: damaged({
      ...step,
      name: `${step.name}: ${kind}`,
      kind,
      // There is only one first checkpoint; of the others, one with something behind it.
      nth: kind === FIRST ? 1 : 2,
    }),
  })),
);
