import type { LocalServer, Say } from './server.ts';

type Installable = Pick<LocalServer, 'name' | 'installer' | 'install'>;

/**
 * Installs what is not in the cache yet. What the same tool brings comes one after the other, for Maven does
 * not like company and a compiler takes all cores by itself; different tools work at once. After a failure
 * nothing more is begun, and what is under way is waited for: it stays in the cache.
 */
export async function installAll(
  servers: readonly Installable[],
  say: Say,
  signal?: AbortSignal,
): Promise<void> {
  const lanes = new Map<string, Installable[]>();
  for (const server of servers) {
    lanes.set(server.installer, [...(lanes.get(server.installer) ?? []), server]);
  }
  const failures: Error[] = [];
  let underWay = 0;
  const run = async (lane: readonly Installable[]): Promise<void> => {
    for (const server of lane) {
      if (failures.length > 0 || signal?.aborted) return;
      underWay++;
      try {
        await server.install();
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        failures.push(new Error(`${server.name} cannot be installed: ${message}`, { cause }));
        if (underWay > 1) say(`${server.name} cannot be installed; waiting for what is under way`);
      } finally {
        underWay--;
      }
    }
  };
  await Promise.all([...lanes.values()].map(run));
  signal?.throwIfAborted();
  if (failures.length === 0) return;
  throw failures.length === 1
    ? failures[0]
    : new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
}
