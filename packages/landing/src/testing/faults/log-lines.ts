/** A line of a service's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly err?: { readonly code?: string; readonly message: string };
}

export function logLines(output: string, begins: string): readonly LogLine[] {
  return lines(output).filter(({ msg }) => msg.startsWith(begins));
}

export function fatalIn(output: string): readonly LogLine[] {
  return lines(output).filter(({ level }) => level === 'fatal');
}

/** The last one may not be whole yet. */
function lines(output: string): readonly LogLine[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}
