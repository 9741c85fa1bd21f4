import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 12_000;

/**
 * Ports of 127.0.0.1 that nobody listens on, all different. They lie below those that the kernel gives
 * to outgoing connections: while a server is down for a restart, a client must not be given its port.
 */
export async function freePorts(count: number): Promise<number[]> {
  const end = firstEphemeralPort();
  const found = new Set<number>();
  for (let attempts = 0; found.size < count; attempts++) {
    if (attempts > 1_000) throw new Error(`no free port found between ${LOWEST} and ${end}`);
    const port = randomInt(LOWEST, end);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

function firstEphemeralPort(): number {
  const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  const first = Number.parseInt(text, 10);
  // A host may let it begin lower than any port of ours; then there is no place apart.
  return first > LOWEST + 1_000 ? first : 32_768;
}
