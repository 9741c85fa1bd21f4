import type { Bench } from '../bench.ts';
import type { LandingWork } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { BigqueryPlace } from './bigquery-place.ts';
import { ClickhouseConnect } from './clickhouse-connect.ts';
import { FilePlace } from './file-place.ts';
import { GcsPlace } from './gcs-place.ts';
import { KafkaEngine } from './kafka-engine.ts';
import type { LandingSource } from './landing-contender.ts';
import type { LandingPlan } from './landing-plan.ts';
import type { Place } from './place.ts';
import { S3Place } from './s3-place.ts';
import { ScorelineSink } from './scoreline-sink.ts';
import { ScorelineLanding } from './scoreline.ts';

export function landingContenders(
  bench: Bench,
  work: LandingWork,
  plan: LandingPlan,
  source: () => LandingSource,
): Contender[] {
  if (plan.sink === 'clickhouse')
    return [
      new ScorelineLanding(bench, source),
      new KafkaEngine(bench, 1, source),
      new KafkaEngine(bench, 2, source),
      new ClickhouseConnect(bench, source),
    ];
  const place = placeOf(bench, plan.sink, work);
  return [new ScorelineSink(bench, { work, plan, place, source })];
}

function placeOf(
  bench: Bench,
  sink: Exclude<LandingPlan['sink'], 'clickhouse'>,
  work: LandingWork,
): Place {
  switch (sink) {
    case 'file':
      return new FilePlace(bench, work);
    case 'gcs':
      return new GcsPlace(bench, work);
    case 's3':
      return new S3Place(bench, work);
    case 'bigquery':
      return new BigqueryPlace(bench);
    default:
      return sink satisfies never;
  }
}
