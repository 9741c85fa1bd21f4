/** Go's time.ParseDuration without signs: `10m`, `1h30m`, `1.5s`, `250us`, `0`. Milliseconds, or null. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ms += Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN);
  }
  return ms;
}

/** `32MB`, `32 MiB`, `1.5GB`, `4096`: kB, MB, GB, TB count in 1000, KiB, MiB, GiB, TiB in 1024. Bytes, or null. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b|b)?$/i.exec(text);
  if (!match) return null;
  const bytes = Number(match[1]) * (BYTES[(match[2] ?? 'b').toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
