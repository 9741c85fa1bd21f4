import { readFileSync } from 'node:fs';

import { ConfigError } from '@scoreline/service';

/**
 * Whom the client trusts, where that is not left to Node.
 *
 * @throws ConfigError when the file cannot be read, or nothing is encrypted.
 */
export function authority(
  urls: readonly string[],
  file: string | undefined,
): { readonly tls?: { readonly ca_cert: Buffer } } {
  if (file === undefined) return {};
  const plain = urls.find((url) => !url.startsWith('https:'));
  if (plain !== undefined) {
    throw new ConfigError(`ch_tls_ca: has no effect, since ClickHouse is reached at ${plain}`, {
      code: 'ch-tls',
      remedy: 'Say https:// or port 9440 in ch_dsn or ch_http_url, or leave ch_tls_ca out.',
    });
  }
  try {
    return { tls: { ca_cert: readFileSync(file) } };
  } catch (cause) {
    throw new ConfigError(`ch_tls_ca: cannot read ${file}: ${(cause as Error).message}`, {
      code: 'ch-tls',
      remedy: 'Name a PEM file that this user may read.',
      cause,
    });
  }
}
