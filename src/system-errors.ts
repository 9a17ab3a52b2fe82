/** A text for both uses of a path, or one for each. */
type Meaning = string | { read: string; write: string };

/** The meaning of the system's error codes, in words. Codes that are not here have the system's own message. */
const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the disk',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the limit for the size of one file is reached',
    EIO: 'the disk reported an input/output error',
    ENOENT: { read: 'it does not exist', write: 'its folder does not exist' },
    ENOTDIR: { read: 'a part of the path is a file, not a folder', write: 'its folder is a file' },
    EEXIST: 'it exists already',
    EISDIR: 'it is a folder, not a file',
    ENAMETOOLONG: 'the name is too long',
    ELOOP: 'too many symbolic links',
    EMFILE: 'too many open files in this process',
    ENFILE: 'too many open files on this machine',
    EADDRINUSE: 'another program uses this port',
    EADDRNOTAVAIL: 'this machine does not have this address',
  }),
);

/** Returns the system's code of an error, like `ENOENT`; `null` if it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Returns the reason of a failed system call in words, followed by the system's code: `it does not exist (ENOENT)`. */
export function reasonOf(error: unknown, use: 'read' | 'write' = 'read'): string {
  const code = codeOf(error);
  const meaning = code === null ? undefined : MEANINGS.get(code);
  if (meaning !== undefined) return `${typeof meaning === 'string' ? meaning : meaning[use]} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
