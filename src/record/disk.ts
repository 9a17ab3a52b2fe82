import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** What the writing side needs of a file system; `node:fs/promises` is one. Tests pass disks that fill up. */
export interface Disk {
  mkdir: (path: string) => Promise<unknown>;
  open: (path: string, flags: string) => Promise<DiskFile>;
  rename: (from: string, to: string) => Promise<void>;
  unlink: (path: string) => Promise<void>;
  rmdir: (path: string) => Promise<void>;
}

export interface DiskFile {
  /** May write fewer bytes than it was given, as write(2) does on a disk that is nearly full. */
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  /** `nlink`: how many names the file has. */
  stat?(): Promise<{ nlink: number }>;
  close(): Promise<void>;
}

export const realDisk: Disk = fs;

/**
 * Makes a folder and those above it. Not Node's own `recursive`, which never returns where the kernel answers ENOENT below a
 * folder that exists, as /proc does.
 */
export async function makeFolders(disk: Disk, path: string): Promise<void> {
  try {
    await disk.mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    await makeFolders(disk, above);
    await disk.mkdir(path).catch((again: unknown) => {
      // Another run made it meanwhile.
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
}

/** Kind `io`: the disk refused during the work. */
export function cannotWrite(
  file: string,
  error: unknown,
  hint = `What was written so far stays readable: goodput report ${dirname(file)}`,
): GoodputError {
  if (codeOf(error) === 'ENOENT')
    return new GoodputError(
      'io',
      `cannot write ${file}: ${dirname(file)} was deleted or moved during the run (ENOENT)`,
      {
        hint: 'What was recorded is lost with a deleted folder; a moved one stays readable: goodput report FOLDER.',
        cause: error,
      },
    );
  return new GoodputError('io', `cannot write ${file}: ${reasonOf(error)}`, { hint, cause: error });
}

/** Hands every byte to the system, however many writes that takes. */
export async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    at += bytesWritten;
  }
}

/**
 * Replaces `name` in `dir` as a whole: a reader, also one after a crash, sees the old file or the new one, never a part.
 * @throws the file system's error; the half-written copy is then removed.
 */
export async function replaceFile(disk: Disk, dir: string, name: string, text: string): Promise<void> {
  // In the same folder, since rename(2) is atomic only within one file system.
  const copy = join(dir, `.${name}.tmp`);
  try {
    const file = await disk.open(copy, 'w');
    try {
      await writeAll(file, Buffer.from(text));
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(copy, join(dir, name));
  } catch (error) {
    await disk.unlink(copy).catch(() => undefined);
    throw error;
  }
}

/**
 * Replaces a file of a folder that holds several runs.
 * @throws {GoodputError} of kind `io` where the disk refuses
 */
export async function replaceAmongRuns(dir: string, name: string, text: string): Promise<void> {
  try {
    await replaceFile(realDisk, dir, name, text);
  } catch (error) {
    throw cannotWrite(join(dir, name), error, `Its runs stay: the same command with --out ${dir} goes on.`);
  }
}
