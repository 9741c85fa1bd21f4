/** One record of the ledger topic. */
export interface LedgerMessage {
  readonly key: Buffer;
  readonly value: Buffer;
}
