import { KafkaProxy } from '@scoreline/testing';

import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

/** A fault of the network between capture and the broker, which is a proxy of ours. */
export function onTheWay(
  fault: Pick<Fault, 'name' | 'outcome' | 'settings'>,
  cause: (scene: Scene, proxy: KafkaProxy) => Promise<string>,
): Fault {
  const proxies = new WeakMap<Scene, KafkaProxy>();
  return {
    ...fault,
    stage: async (scene) => {
      const proxy = await KafkaProxy.create(scene.pipeline.need('KAFKA_BROKERS'));
      scene.t.after(() => proxy.close());
      proxies.set(scene, proxy);
      return { KAFKA_BROKERS: proxy.address };
    },
    cause: (scene) => {
      const proxy = proxies.get(scene);
      if (proxy === undefined) throw new Error('capture was not started through the proxy');
      return cause(scene, proxy);
    },
  };
}
