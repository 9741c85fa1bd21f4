/**
 * The partition that Kafka's Java client would choose for a key:
 * `(murmur2(key) & 0x7fffffff) % partitions` (BuiltInPartitioner.partitionForKey).
 */
export function partitionFor(key: Uint8Array | string, partitions: number): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return (murmur2(bytes) & 0x7fffffff) % partitions;
}

const M = 0x5bd1e995;

/** Austin Appleby's MurmurHash2 with the seed of org.apache.kafka.common.utils.Utils.murmur2; signed. */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let h = 0x9747b28c ^ length;
  let at = 0;
  for (; length - at >= 4; at += 4) {
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - at;
  if (rest > 0) {
    if (rest === 3) h ^= data[at + 2]! << 16;
    if (rest >= 2) h ^= data[at + 1]! << 8;
    h = Math.imul(h ^ data[at]!, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}
