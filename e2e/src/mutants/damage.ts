/** An edit of the built code of a service: whatever it does, it is in no release. */
export interface Damage {
  readonly name: string;
  /** End of the module's URL. */
  readonly module: string;
  /** Each text stands there once. */
  readonly edits: readonly { readonly find: string; readonly replace: string }[];
}

/** Said on standard error by a process in which the module was changed. */
export const APPLIED = 'mutant applied:';
