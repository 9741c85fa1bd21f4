import type { Leadership, ServerFacts, Source } from '@scoreline/database';
import type { Logger } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import type { CaptureConfig } from './config.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { PipelineNames } from './pipeline-names.ts';
import type { FenceWatch } from './source-fence.ts';
import type { UnreadablePlaces } from './unreadable-places.ts';

/** What a session gets from whoever begins it. */
export interface SessionOptions extends PipelineNames {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly server: ServerFacts;
  readonly kafka: Kafka;
  readonly partitions: number;
  readonly schemaId: number;
  readonly replicaServerId: number;
  readonly leadership: Leadership;
  readonly fence: FenceWatch;
  readonly unreadable: UnreadablePlaces;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}
