import type { ScanProgress } from '@scoreline/kafka';

const EVERY_MS = 10_000;

/** Says now and then how far a scan is. */
export function progressLine(what: string, print: (line: string) => void) {
  let saidAt = performance.now();
  return ({ done, all }: ScanProgress): void => {
    if (performance.now() - saidAt < EVERY_MS) return;
    saidAt = performance.now();
    print(`${what}: ${((100 * done) / all).toFixed(1)} % of ${all} offsets`);
  };
}
