import { GO, require } from './prerequisites.ts';
import { runCommand } from './run-command.ts';
import type { Say } from './server.ts';

/** Builds a program, `path@version`, into `folder`. */
export async function goProgram(program: string, folder: string, say: Say): Promise<void> {
  await require([GO]);
  say('  built from source: minutes on two cores, once');
  // Nobody debugs it: without symbols it is linked sooner.
  await runCommand('go', ['install', '-ldflags=-s -w', program], {
    cwd: folder,
    env: { GOBIN: folder, CGO_ENABLED: '0' },
  });
}
