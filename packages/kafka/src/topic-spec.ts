import { ConfigError } from '@scoreline/service';

/** A config that a topic must have, and what would be lost without it. */
export interface RequiredConfig {
  readonly value: string;
  readonly why: string;
  /** A larger number will do as well. */
  readonly atLeast?: boolean;
}

export interface TopicSpec {
  readonly name: string;
  /** Of a new topic; one that exists keeps its own, unless `exactPartitions`. */
  readonly partitions: number;
  readonly exactPartitions?: boolean;
  readonly required: Readonly<Record<string, RequiredConfig>>;
}

export interface WrongConfig {
  readonly name: string;
  readonly seen: string;
  readonly wanted: RequiredConfig;
}

/** A topic of rows: what is in it stays until it has landed everywhere, whatever its age, as it was written. */
export function rowTopicSpec(name: string, partitions: number): TopicSpec {
  const expires = 'rows carry their commit time, and old ones would be deleted before they land';
  return {
    name,
    partitions,
    required: {
      'cleanup.policy': { value: 'delete', why: 'compaction keeps one row of each server' },
      'retention.ms': { value: '-1', why: expires },
      'retention.bytes': { value: '-1', why: 'rows would be deleted before they land' },
      'compression.type': {
        value: 'producer',
        why: 'the broker would compress again, and sinks cannot read that',
      },
      'message.timestamp.type': { value: 'CreateTime', why: 'the commit time would be lost' },
      'message.timestamp.after.max.ms': {
        value: LONGEST,
        why: 'rows of a source whose clock is ahead would be refused',
      },
      'message.timestamp.before.max.ms': { value: LONGEST, why: 'old rows would be refused' },
      'max.message.bytes': {
        value: '1048588',
        why: 'capture fills batches up to 1000000 bytes',
        atLeast: true,
      },
    },
  };
}

const LONGEST = '9223372036854775807';

/** What every topic of ours must have beside its own. */
export function requiredConfigs(
  { required }: TopicSpec,
  replication: number,
): Record<string, RequiredConfig> {
  const configs: Record<string, RequiredConfig> = {
    ...required,
    'unclean.leader.election.enable': {
      value: 'false',
      why: 'a leader that lags would take acknowledged rows away',
    },
  };
  if (replication >= 2) {
    configs['min.insync.replicas'] = {
      value: '2',
      why: 'rows that one broker alone has are lost with it',
      atLeast: true,
    };
  }
  return configs;
}

/** What is not as required. A broker that is older than a config cannot lose rows by it. */
export function wrongConfigs(
  found: ReadonlyMap<string, string>,
  wanted: Readonly<Record<string, RequiredConfig>>,
): WrongConfig[] {
  return Object.entries(wanted).flatMap(([name, config]) => {
    const seen = found.get(name);
    return seen === undefined || suffices(seen, config) ? [] : [{ name, seen, wanted: config }];
  });
}

function suffices(seen: string, { value, atLeast = false }: RequiredConfig): boolean {
  return atLeast ? Number(seen) >= Number(value) : seen === value;
}

export function misconfigured(
  name: string,
  wrong: readonly WrongConfig[],
  cause?: unknown,
): ConfigError {
  const lines = wrong.map(({ name: config, seen, wanted: { value, why, atLeast } }) => {
    return `  ${config} is ${seen}, must be ${atLeast ? 'at least ' : ''}${value}: ${why}`;
  });
  const configs = wrong.map(({ name: config, wanted }) => `${config}=${wanted.value}`).join(',');
  return new ConfigError(`topic ${name} is not configured as it must be:\n${lines.join('\n')}`, {
    code: 'topic-config',
    remedy: `kafka-configs --bootstrap-server B --alter --entity-type topics --entity-name ${name} --add-config ${configs}`,
    cause,
  });
}

/** The command that creates the topic as it must be. */
export function createCommand(spec: TopicSpec, replication: number): string {
  const configs = Object.entries(requiredConfigs(spec, replication));
  const flags = configs.map(([name, { value }]) => ` --config ${name}=${value}`).join('');
  return `kafka-topics --bootstrap-server B --create --topic ${spec.name} --partitions ${spec.partitions} --replication-factor ${replication}${flags}`;
}
