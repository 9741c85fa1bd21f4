import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The Debian mirror that this machine is set up for, out of its apt configuration. */
export async function debianMirror(etc = '/etc/apt'): Promise<string> {
  const parts = await readdir(join(etc, 'sources.list.d')).catch(() => []);
  const files = [
    join(etc, 'sources.list'),
    ...parts.map((part) => join(etc, 'sources.list.d', part)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const mirror = texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.match(/https?:\/\/\S+/) ?? [])
    .find((address) => !address.includes('security'));
  if (mirror === undefined) {
    throw new Error(
      `no Debian mirror is configured in ${etc}: MySQL is unpacked from Debian packages`,
    );
  }
  return mirror;
}
