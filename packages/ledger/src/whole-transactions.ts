import { CHECKPOINT_KEY, FENCE_KEY, isCaptures } from './codec.ts';
import type { LedgerRecord } from './state.ts';

/**
 * Which records of a ledger count, for readers who may stop within one of capture's transactions: of each key
 * the newest, and what capture writes only once its checkpoint has come, which is a transaction's last record.
 */
export class WholeTransactions {
  /** Of each key, the newest record that counts. Whoever has decoded one may delete it. */
  readonly newest = new Map<string, LedgerRecord>();
  readonly #open = new Map<string, LedgerRecord>();
  #records = 0;

  /** Records seen, fences included. */
  get records(): number {
    return this.#records;
  }

  /** The ledger's next committed record. */
  add(record: LedgerRecord): void {
    this.#records++;
    const name = record.key?.toString() ?? '';
    if (name.startsWith(FENCE_KEY)) return;
    if (!isCaptures(name)) {
      this.newest.set(name, record);
      return;
    }
    this.#open.set(name, record);
    if (name !== CHECKPOINT_KEY) return;
    for (const [one, opened] of this.#open) this.newest.set(one, opened);
    this.#open.clear();
  }
}
