import type { PurgeScene } from './purge-scene.ts';

/** All old rows are gone, and no other: those that were written meanwhile, and the one before them. */
export async function requireYoung(scene: PurgeScene, written: number): Promise<void> {
  const { count, distinct } = await scene.identity();
  const young = written + 1;
  if (count !== young || distinct !== young) {
    throw new Error(`${count} rows are left, ${young} should be`);
  }
}
