import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';

import kafkajs, { type Kafka } from 'kafkajs';

const require = createRequire(import.meta.url);
const { prototype: cluster } = require('kafkajs/src/cluster') as { prototype: Cluster };

/** What a producer asks its cluster for. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(): Promise<void>;
  removeBroker(): void;
  findTopicPartitionMetadata(): { partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: string[]): Record<string, number[]>;
  findBroker(broker: { nodeId: string }): Promise<object>;
  findGroupCoordinator(): Promise<object>;
}

interface ProduceRequest {
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly messages: { readonly length: number };
    }[];
  }[];
}

/**
 * Several brokers behind kafkajs's own producer, and no network: which of them leads what, and what each
 * does with the next request, is the test's to say. The stack has one broker, which leads everything.
 */
export class FakeBrokers {
  /** `produce a`, in the order in which requests came. */
  readonly requests: string[] = [];
  /** By partition. */
  leaders: readonly string[];
  /** Told of each request, by its name: what it throws is the answer, and what it waits for comes first. */
  trouble: (request: string) => Promise<void> | void = () => {};
  readonly kafka: Kafka;
  readonly #ends = new Map<string, number>();
  #epoch = 0;

  constructor(t: TestContext, leaders: readonly string[]) {
    this.leaders = leaders;
    this.kafka = new kafkajs.Kafka({ brokers: ['a:1'], logLevel: kafkajs.logLevel.NOTHING });
    const brokers = new Map([...new Set(leaders)].map((id) => [id, this.#broker(id)]));
    const nothing = async (): Promise<void> => {};
    const fakes: Cluster = {
      connect: nothing,
      disconnect: nothing,
      isConnected: () => true,
      refreshMetadata: nothing,
      refreshMetadataIfNecessary: nothing,
      addMultipleTargetTopics: nothing,
      removeBroker: () => {},
      findTopicPartitionMetadata: () => this.leaders.map((_, partitionId) => ({ partitionId })),
      findLeaderForPartitions: (_, partitions) => this.#byLeader(partitions.map(Number)),
      findBroker: async ({ nodeId }) => brokers.get(nodeId)!,
      findGroupCoordinator: async () => this.#coordinator(),
    };
    for (const name of Object.keys(fakes) as (keyof Cluster)[]) {
      t.mock.method(cluster, name, fakes[name]);
    }
  }

  #byLeader(partitions: readonly number[]): Record<string, number[]> {
    const found: Record<string, number[]> = {};
    for (const partition of partitions) (found[this.leaders[partition]!] ??= []).push(partition);
    return found;
  }

  async #take(request: string): Promise<void> {
    this.requests.push(request);
    await this.trouble(request);
  }

  #append(partition: string, records: number): string {
    const end = this.#ends.get(partition) ?? 0;
    this.#ends.set(partition, end + records);
    return String(end);
  }

  #broker(nodeId: string): object {
    return {
      nodeId,
      produce: async ({ topicData, producerEpoch }: ProduceRequest) => {
        await this.#take(`produce ${nodeId}`);
        if (producerEpoch !== this.#epoch) throw refusal('INVALID_PRODUCER_EPOCH');
        const topics = topicData.map(({ topic: topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ partition, messages }) => ({
            partition,
            errorCode: 0,
            baseOffset: this.#append(`${topicName} ${partition}`, messages.length),
          })),
        }));
        return { topics };
      },
    };
  }

  /** Whoever begins takes the epoch over. */
  #coordinator(): object {
    return {
      initProducerId: async () => {
        await this.#take('initProducerId');
        return { producerId: '1', producerEpoch: ++this.#epoch };
      },
      addPartitionsToTxn: () => this.#take('addPartitionsToTxn'),
      endTxn: () => this.#take('endTxn'),
    };
  }
}

/** What kafkajs throws for an error that a broker answers. */
export function refusal(type: string, retriable = false): Error {
  const answer = Object.assign(new Error(type), { type, code: 1, retriable });
  return new kafkajs.KafkaJSProtocolError(answer);
}

export function lostConnection(): Error {
  return new kafkajs.KafkaJSConnectionError('Connection error: read ECONNRESET');
}
