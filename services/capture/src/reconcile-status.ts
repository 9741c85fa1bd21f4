import type { Reconcile } from '@scoreline/ledger';

/** How far reconciling is, for the log and /status. */
export function reconcileStatus(
  { reason, from, to, next, published }: Reconcile,
  began: { readonly beganAtMs: number; readonly beganAtId: number; readonly nowMs: number },
) {
  const all = Math.max(1, to - from + 1);
  const left = Math.max(0, to - next + 1);
  const done = next - began.beganAtId;
  const elapsedMs = began.nowMs - began.beganAtMs;
  return {
    reason,
    fromId: from,
    toId: to,
    nextId: next,
    published,
    percent: Math.floor(((all - left) * 1000) / all) / 10,
    /** By the ids since this process began with it; null until there are any. */
    etaSeconds: done > 0 ? Math.round((elapsedMs / done) * (left / 1000)) : null,
  };
}
