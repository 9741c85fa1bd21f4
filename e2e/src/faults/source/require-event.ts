/** That a binlog has what the fault was to put there, in words for the fault's line. */
export function requireEvent(events: readonly string[], wanted: RegExp): string {
  const found = events.find((event) => wanted.test(event));
  if (found === undefined) throw new Error(`no ${wanted.source} among ${events.join(', ')}`);
  return `the binlog has ${found}`;
}
