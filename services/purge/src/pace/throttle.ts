/** What the source and its surroundings bear at the moment. Null: it was asked, and could not tell. */
export interface Load {
  /** Of the replica that is furthest behind, milliseconds; null also when one does not replicate. */
  readonly replicaLagMs: number | null;
  readonly threadsRunning: number | null;
  /** Undo records that wait to be purged by InnoDB: long transactions keep them, deletes add to them. */
  readonly historyListLength: number | null;
  /** How far capture is behind the source, milliseconds. */
  readonly captureLagMs: number | null;
  readonly paused: boolean;
  readonly inWindow: boolean;
}

export interface LoadLimits {
  readonly replicaLagMs: number;
  readonly threadsRunning: number;
  /** From here on it is not enough to wait for a moment. */
  readonly criticalThreadsRunning: number;
  readonly historyListLength: number;
  readonly captureLagMs: number;
}

export type Pace =
  | { readonly kind: 'go' }
  /** Look again soon. */
  | { readonly kind: 'wait'; readonly reason: ThrottleReason; readonly message: string }
  /** Let go of everything, and look again after a while. */
  | { readonly kind: 'cool down'; readonly reason: ThrottleReason; readonly message: string };

export type ThrottleReason =
  | 'paused'
  | 'outside-window'
  | 'threads-running'
  | 'replica-lag'
  | 'history-list-length'
  | 'capture-lag';

/** Whether the next chunk may be deleted. What cannot be told counts as too much. */
export function paceFor(load: Load, limits: LoadLimits): Pace {
  const { threadsRunning } = load;
  if (load.paused)
    return wait('paused', 'purging is switched off: the file of purge_pause_file is there');
  if (!load.inWindow) return wait('outside-window', 'it is outside purge_window');
  if (threadsRunning !== null && threadsRunning >= limits.criticalThreadsRunning) {
    return {
      kind: 'cool down',
      reason: 'threads-running',
      message: `${threadsRunning} threads are running, ${limits.criticalThreadsRunning} are critical`,
    };
  }
  return (
    above('threads-running', threadsRunning, limits.threadsRunning, 'threads running') ??
    above('replica-lag', load.replicaLagMs, limits.replicaLagMs, 'ms of replica lag') ??
    above(
      'history-list-length',
      load.historyListLength,
      limits.historyListLength,
      'undo records',
    ) ??
    above('capture-lag', load.captureLagMs, limits.captureLagMs, 'ms of capture lag') ?? {
      kind: 'go',
    }
  );
}

function above(
  reason: ThrottleReason,
  value: number | null,
  limit: number,
  unit: string,
): Pace | undefined {
  if (value === null) return wait(reason, `${unit}: unknown`);
  return value > limit ? wait(reason, `${value} ${unit}, ${limit} are allowed`) : undefined;
}

function wait(reason: ThrottleReason, message: string): Pace {
  return { kind: 'wait', reason, message };
}
