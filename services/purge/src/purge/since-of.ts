import { type FoundPartition, parseCommitMetadata } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

/** Where the unbroken run of a group begins, as its commit says; null when it does not say. */
export function sinceOf({ committed, group, topic, partition }: FoundPartition): string | null {
  if (committed?.metadata === undefined || committed.metadata === null) return null;
  try {
    const { since } = parseCommitMetadata(
      committed.metadata,
      `${topic}[${partition}] of group ${group}`,
    );
    return since.toString();
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}
