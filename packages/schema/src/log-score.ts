/**
 * What flows: one measurement of one server, as Avro. The writer schema of topic version 1, with its
 * fields in this order. The logical type sits on the type, where BigQuery and others look for it.
 */
export const LOG_SCORE_V1 = {
  type: 'record',
  name: 'LogScore',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'server_id', type: 'long' },
    { name: 'monitor_id', type: ['null', 'long'], default: null },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'score', type: 'double' },
    { name: 'step', type: 'double' },
    { name: 'offset', type: ['null', 'double'], default: null },
    { name: 'rtt', type: ['null', 'int'], default: null },
    { name: 'leap', type: ['null', 'int'], default: null },
    { name: 'stratum', type: ['null', 'int'], default: null },
    { name: 'no_response', type: ['null', 'boolean'], default: null },
    { name: 'error', type: ['null', 'string'], default: null },
    { name: 'warning', type: ['null', 'string'], default: null },
    { name: 'from_ls_id', type: ['null', 'long'], default: null },
    { name: 'from_ss_id', type: ['null', 'long'], default: null },
    { name: 'attributes', type: ['null', 'string'], default: null },
    { name: 'extra', type: { type: 'map', values: 'string' }, default: {} },
  ],
} as const;

export type LogScoreField = (typeof LOG_SCORE_V1)['fields'][number]['name'];

/** Every field but the columns that no field is made of. */
export type TextField = Exclude<LogScoreField, 'extra'>;

/** The schema as it is registered and written into containers. */
export const LOG_SCORE_V1_JSON = JSON.stringify(LOG_SCORE_V1);

/** `log_scores-v1`: the version is the schema's major; a new layout gets a new topic. */
export function topicName(table: string, version: number, prefix = ''): string {
  return `${prefix}${table}-v${version}`;
}

/**
 * Where rows of a topic are published a second time, for one sink that began later than they: every other
 * one has them from the topic itself.
 */
export function backfillTopicName(topic: string, sink: string): string {
  return `${topic}.backfill.${sink}`;
}

/** The consumer group under which a sink lands a topic. */
export function sinkGroupName(sink: string, topic: string): string {
  return `sink-${sink}.${topic}`;
}

export function subjectName(topic: string): string {
  return `${topic}-value`;
}
