/** What is used of a file. */
export interface Vectored {
  writev(
    parts: readonly Uint8Array[],
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** Writes one part behind the other: in one call, unless that takes less. Returns the position after them. */
export async function writeParts(
  file: Vectored,
  parts: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let at = position;
  for (let left = parts.filter(({ length }) => length > 0); left.length > 0;) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = behind(left, bytesWritten);
  }
  return at;
}

/** What is left of the parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let done = bytes;
  let first = 0;
  while (first < parts.length && parts[first]!.length <= done) done -= parts[first++]!.length;
  return parts.slice(first).map((part, i) => (i === 0 ? part.subarray(done) : part));
}
