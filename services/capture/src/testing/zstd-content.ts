/** Bytes that repeat what came before, near and far, as a sample for a decompressor; the same each time. */
export function zstdContent(bytes: number, seed = 1): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  for (let at = 0; at < bytes;) {
    const isRepeat = at > 100 && next(8) > 0;
    const end = Math.min(bytes, at + (isRepeat ? 3 + next(900) : 1 + next(8)));
    const back = isRepeat ? 1 + next(Math.min(at - 1, 280_000)) : 0;
    for (; at < end; at++) content[at] = isRepeat ? content[at - back]! : 97 + next(1 + next(26));
  }
  return content;
}
