import { readFile } from 'node:fs/promises';

import { ConfigError } from '@scoreline/service';

/** @throws ConfigError when it is no file of credentials, which the client says late and in other words. */
export async function checkCredentialsFile(path: string): Promise<void> {
  const type = await typeIn(path);
  if (typeof type === 'string') return;
  throw new ConfigError(
    `google_application_credentials: ${path} holds no credentials of Google, which are JSON with a "type"`,
    { code: 'gcs-unauthenticated', remedy: REMEDY },
  );
}

const REMEDY =
  'Name the key of a service account or the configuration of a workload identity federation, or unset it for the identity of the machine.';

async function typeIn(path: string): Promise<unknown> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`google_application_credentials: ${path} cannot be read`, {
      code: 'gcs-unauthenticated',
      remedy: REMEDY,
      cause,
    });
  }
  try {
    return (JSON.parse(content) as { type?: unknown } | null)?.type;
  } catch {
    // The parser's error would show a part of what may be a key.
    return null;
  }
}
