import { mortalFiles } from './mortal-files.ts';
import { landOnce } from './world.ts';

/** A process that lands a range, and kills itself with SIGKILL before the first step that matches. */
const [root = '', pattern = ''] = process.argv.slice(2);
const files = mortalFiles({
  step: 1,
  die: ((step: string) => {
    if (step.includes(pattern)) process.kill(process.pid, 'SIGKILL');
  }) as (step: string) => never,
});
await landOnce(root, { files });
