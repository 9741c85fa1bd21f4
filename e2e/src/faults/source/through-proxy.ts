import { BinlogProxy } from '../../harness/binlog-proxy.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

/** A fault of the network: capture reaches its server through a proxy. */
export function throughProxy(
  cause: (scene: Scene, proxy: BinlogProxy) => Promise<string>,
): Pick<Fault, 'stage' | 'cause'> {
  const proxies = new WeakMap<Scene, BinlogProxy>();
  return {
    stage: async (scene) => {
      const proxy = await BinlogProxy.create(scene.dsn);
      scene.t.after(() => proxy.close());
      proxies.set(scene, proxy);
      return { DATABASE_DSN: proxy.dsn };
    },
    cause: (scene) => cause(scene, proxies.get(scene)!),
  };
}
