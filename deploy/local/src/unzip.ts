import { runCommand } from './run-command.ts';

/** Unpacks with the JDK's `jar`, which is there wherever Maven is. */
export async function unzip(archive: string, folder: string): Promise<void> {
  await runCommand('jar', ['xf', archive], { cwd: folder });
}
