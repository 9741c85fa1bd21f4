import { PermanentError, RetryableError } from '@scoreline/service';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS']);
/** Limits of the moment, a network file system that is away, and files that somebody has cleaned up. */
const PASSING = new Set([
  'EAGAIN',
  'EBUSY',
  'EHOSTDOWN',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOMEM',
  'ESTALE',
  'ETIMEDOUT',
]);

/** What a failed call of the file system asks for; anything else is returned as it is. */
export function fileError(error: unknown, doing: string): unknown {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof code !== 'string' || typeof syscall !== 'string')
    return error;
  const message = `${doing}: ${code} of ${syscall}${path === undefined ? '' : ` ${path}`}`;
  if (FULL.has(code)) {
    return new RetryableError(message, {
      code: 'disk-full',
      remedy: 'Make room: it is tried again until there is some.',
      cause: error,
    });
  }
  if (PASSING.has(code)) return new RetryableError(message, { code: 'file-failed', cause: error });
  if (REFUSED.has(code)) {
    return new PermanentError(message, {
      code: 'folder-not-writable',
      remedy: 'Let the user under whom the service runs write there.',
      cause: error,
    });
  }
  // EIO above all: after a sync that failed, a second one may succeed without the bytes.
  return new PermanentError(message, {
    code: 'file-system-error',
    remedy: 'See what the kernel says of that file system. Nothing was committed of this range.',
    cause: error,
  });
}
