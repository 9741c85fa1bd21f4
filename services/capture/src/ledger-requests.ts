import type { LedgerMessage } from '@scoreline/ledger';

/** Half of what a topic takes in one request by default. */
const REQUEST_BYTES = 500_000;

/** Requests as small as any broker takes: rows that are far apart touch many buckets. */
export function* ledgerRequests(messages: Iterable<LedgerMessage>): Generator<LedgerMessage[]> {
  let request: LedgerMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (bytes > 0 && bytes + message.value.length > REQUEST_BYTES) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(message);
    bytes += message.value.length;
  }
  if (request.length > 0) yield request;
}
