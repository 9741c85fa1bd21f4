import { type CommitMetadata, type FoundPartition, parseCommitMetadata } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

/** What a group's commit says of itself; undefined when there is none, or it is not understood: `whyNotLanded` says which. */
export function metadataOf({
  committed,
  topic,
  partition,
  group,
}: FoundPartition): CommitMetadata | undefined {
  if (!committed?.metadata) return undefined;
  try {
    return parseCommitMetadata(committed.metadata, `${topic}[${partition}] of group ${group}`);
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}
