/** Ids in order as text: `5`, `7-9`. */
export function idRanges(ids: readonly number[]): string[] {
  const ranges: string[] = [];
  for (let from = 0; from < ids.length;) {
    let to = from;
    while (to + 1 < ids.length && ids[to + 1] === ids[to]! + 1) to++;
    ranges.push(from === to ? `${ids[from]}` : `${ids[from]}-${ids[to]}`);
    from = to + 1;
  }
  return ranges;
}

export function idsOf(ranges: readonly string[]): number[] {
  return ranges.flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, at) => from! + at);
  });
}
