import { until } from '@scoreline/testing';

import { logRecord } from './log-record.ts';
import type { Service } from './service.ts';

/** How far a capture is with reading the table, as its log and /status have it. */
export interface ReconcileProgress {
  readonly reason: 'initial' | 'position_gone';
  readonly fromId: number;
  readonly toId: number;
  readonly nextId: number;
  readonly published: number;
}

/** What /status says now; null while it does not reconcile, or does not answer. */
export async function reconcileOf(capture: Service): Promise<ReconcileProgress | null> {
  const parts = await capture.status();
  const own = parts?.['capture'] as { reconcile?: ReconcileProgress | null } | undefined;
  return own?.reconcile ?? null;
}

/** What the log says that this process began with: the ledger's word, before it read anything itself. */
export function reconcileBegun(capture: Service): ReconcileProgress | null {
  const found = logRecord(capture.output, 'reconciling: reading the table');
  return found as unknown as ReconcileProgress | null;
}

export function hasReconciled(capture: Service): boolean {
  return logRecord(capture.output, 'reconciled: ') !== null;
}

/** Waits until so many rows are published beside the stream since this process began. */
export async function reconciling(capture: Service, rows: number): Promise<ReconcileProgress> {
  return until(
    async () => {
      if (!capture.running) throw new Error(`${capture.label} ended:\n${capture.output}`);
      if (hasReconciled(capture)) throw new Error(`it is over already:\n${capture.output}`);
      const begun = reconcileBegun(capture);
      const now = await reconcileOf(capture);
      const isFar = begun !== null && (now?.published ?? 0) >= begun.published + rows;
      return isFar ? now : null;
    },
    { what: `${rows} rows read from the table`, timeoutMs: 60_000, everyMs: 20 },
  ).catch((cause: unknown) => {
    throw new Error(`${String(cause)}\n${capture.output}`, { cause });
  });
}

/** Waits until a capture has read the whole table. */
export async function reconciled(capture: Service, timeoutMs = 120_000): Promise<void> {
  await until(
    () => {
      if (!capture.running) throw new Error(`${capture.label} ended:\n${capture.output}`);
      return hasReconciled(capture);
    },
    { what: 'the end of reconcile', timeoutMs },
  );
}
