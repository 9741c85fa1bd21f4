/** The broker's name of an error, such as `INVALID_PRODUCER_EPOCH`; kafkajs wraps it when it retried. */
export function kafkaErrorType(error: unknown): string | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 10; one = one.cause, depth++) {
    const { type } = one as Error & { type?: unknown };
    if (typeof type === 'string') return type;
  }
  return undefined;
}

/** Another producer has taken the transactional id, or the broker ended the transaction after its timeout. */
export function isFenced(error: unknown): boolean {
  return FENCED.has(kafkaErrorType(error) ?? '');
}

/** The group has moved on to another generation, or does not know this member: abandon what it fetched. */
export function isStaleMember(error: unknown): boolean {
  return STALE.has(kafkaErrorType(error) ?? '');
}

/** A coordinator that moves or still loads refuses for a moment: the same request may be sent again. */
export function isCoordinatorMoving(error: unknown): boolean {
  return MOVING.has(kafkaErrorType(error) ?? '');
}

const FENCED = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
]);
const STALE = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
]);
const MOVING = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_COORDINATOR',
]);
