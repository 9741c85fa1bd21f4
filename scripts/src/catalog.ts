import { actions as captureActions } from '@scoreline/capture/actions';
import { settings as captureSettings } from '@scoreline/capture/config';
import { captureMetrics } from '@scoreline/capture/metrics';
import { objectMetrics } from '@scoreline/files';
import { auditSentence as actions, landingMetrics } from '@scoreline/landing';
import { actions as purgeActions } from '@scoreline/purge/actions';
import { settings as purgeSettings } from '@scoreline/purge/config';
import { purgeMetrics } from '@scoreline/purge/metrics';
import {
  type ActionSentences,
  type Metrics,
  serviceMetrics,
  type SettingsShape,
} from '@scoreline/service';
import { settings as sinkBigquerySettings } from '@scoreline/sink-bigquery/config';
import { metrics as sinkBigqueryMetrics } from '@scoreline/sink-bigquery/metrics';
import { settings as sinkClickhouseSettings } from '@scoreline/sink-clickhouse/config';
import { settings as sinkFileSettings } from '@scoreline/sink-file/config';
import { settings as sinkGcsSettings } from '@scoreline/sink-gcs/config';
import { settings as sinkS3Settings } from '@scoreline/sink-s3/config';

export interface ServiceSettings {
  readonly service: string;
  readonly settings: SettingsShape;
  /** What its program does instead, by `--name`. */
  readonly actions?: ActionSentences;
}

export interface MetricsSource {
  readonly title: string;
  readonly register: (metrics: Metrics) => unknown;
}

/** Every service, in the order in which a row meets them. A new one is added here and in package.json. */
export const SERVICES: readonly ServiceSettings[] = [
  { service: 'capture', settings: captureSettings, actions: captureActions },
  { service: 'sink-clickhouse', settings: sinkClickhouseSettings, actions },
  { service: 'sink-file', settings: sinkFileSettings, actions },
  { service: 'sink-gcs', settings: sinkGcsSettings, actions },
  { service: 'sink-s3', settings: sinkS3Settings, actions },
  { service: 'sink-bigquery', settings: sinkBigquerySettings, actions },
  { service: 'purge', settings: purgeSettings, actions: purgeActions },
];

export const METRICS: readonly MetricsSource[] = [
  { title: 'Every service', register: serviceMetrics },
  { title: 'capture', register: captureMetrics },
  { title: 'Every sink', register: landingMetrics },
  { title: 'Every sink of files', register: objectMetrics },
  { title: 'sink-bigquery', register: sinkBigqueryMetrics },
  { title: 'purge', register: purgeMetrics },
];
