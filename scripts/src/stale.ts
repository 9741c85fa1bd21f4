/** Where a file differs from what it should be, in words that say what to do; null when it does not. */
export function staleness(path: string, wanted: string, found: string | null): string | null {
  if (found === wanted) return null;
  if (found === null) return `${path} is missing: run npm run docs, and commit it`;
  const wantedLines = wanted.split('\n');
  const foundLines = found.split('\n');
  const at = wantedLines.findIndex((line, index) => line !== foundLines[index]);
  const line = at < 0 ? wantedLines.length : at;
  return [
    `${path} is stale from line ${line + 1} on: run npm run docs, and commit it`,
    `- ${foundLines[line] ?? '(end of file)'}`,
    `+ ${wantedLines[line] ?? '(end of file)'}`,
  ].join('\n');
}
