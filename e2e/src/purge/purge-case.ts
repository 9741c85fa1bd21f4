import type { Settings } from '../faults/fault.ts';
import type { PurgeScene } from './scene.ts';

/** Something under which the purge must delete nothing, say why, and go on when it is mended. */
export interface HeldCase {
  readonly name: string;
  /** Its outcome is the source server's own: what it says of its binlog, keys, locks and replicas. */
  readonly onEachServer?: true;
  /** Does it, and puts up old rows. Resolves to what shows that it has happened. */
  readonly cause: (scene: PurgeScene) => Promise<string>;
  /** Codes that have to be told, by `--explain` or `--once`. */
  readonly told: readonly string[];
  /** By /status of the service instead, where those who wait for an action are told only after a while. */
  readonly toldBy?: 'service';
  /** Of the purge, as long as it is so. */
  readonly settings?: (scene: PurgeScene) => Settings;
  /** Undoes it; null where that is beyond the test: nothing comes after in its scene. */
  readonly mend: ((scene: PurgeScene) => Promise<unknown>) | null;
}

/** Something that happens while the purge works, with an end of its own. Resolves to what shows that it did. */
export interface Drill {
  readonly name: string;
  readonly onEachServer?: true;
  readonly run: (scene: PurgeScene) => Promise<string>;
}

export type PurgeCase = HeldCase | Drill;
