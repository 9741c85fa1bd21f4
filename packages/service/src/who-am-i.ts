import { hostname, userInfo } from 'node:os';

/** `user@host`: by whom a decision is recorded. */
export function whoAmI(): string {
  return `${userName()}@${hostname()}`;
}

/** In a container a user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
