/** A reason as reports of the purge have it. */
export interface Told {
  readonly code: string;
  /** Whom it is about; absent where it is about no sink. */
  readonly sink?: string;
}

/** Every reason in a report, wherever it stands. */
export function reasonsIn(report: unknown): readonly Told[] {
  if (typeof report !== 'object' || report === null) return [];
  const { code, sink } = report as { readonly code?: unknown; readonly sink?: string };
  const own = typeof code === 'string' ? [{ code, ...(sink !== undefined && { sink }) }] : [];
  return [...own, ...Object.values(report).flatMap(reasonsIn)];
}

/** Whether a text for people names a code, and not only one that it is part of. */
export function names(text: string, code: string): boolean {
  return new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(text);
}
