import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** The part of a file system that writing needs; `node:fs/promises` is one. Tests pass disks that fill up. */
export interface Disk {
  mkdir: (path: string) => Promise<unknown>;
  open: (path: string, flags: string) => Promise<DiskFile>;
  rename: (from: string, to: string) => Promise<void>;
  unlink: (path: string) => Promise<void>;
  rmdir: (path: string) => Promise<void>;
}

export interface DiskFile {
  /** May write fewer bytes than requested, as write(2) does on a disk that is nearly full. */
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  /** `nlink`: the number of names of the file. */
  stat?(): Promise<{ nlink: number }>;
  close(): Promise<void>;
}

export const realDisk: Disk = fs;

/**
 * Creates a folder and its missing parents. Node's own `recursive` never returns if the kernel answers ENOENT below an existing
 * folder, as /proc does.
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
      // Another run created it in the meantime.
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
}

/** Returns an error of kind `io` for a failed write. */
export function cannotWrite(
  file: string,
  error: unknown,
  hint = `What was written so far can be read: goodput report ${dirname(file)}`,
): GoodputError {
  if (codeOf(error) === 'ENOENT')
    return new GoodputError(
      'io',
      `cannot write ${file}: ${dirname(file)} was deleted or moved during the run (ENOENT)`,
      {
        hint: 'What was recorded is lost if the folder was deleted. If it was moved, read it with goodput report FOLDER.',
        cause: error,
      },
    );
  return new GoodputError('io', `cannot write ${file}: ${reasonOf(error)}`, { hint, cause: error });
}

/** Writes every byte, with as many writes as needed. */
export async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Error('the disk accepted no more bytes');
    at += bytesWritten;
  }
}

/**
 * Replaces `name` in `dir` atomically: a reader, even after a crash, sees the old file or the new one, never a part.
 * @throws the file system's error, after the incomplete copy was removed.
 */
export async function replaceFile(disk: Disk, dir: string, name: string, text: string): Promise<void> {
  // In the same folder, because rename(2) is atomic only within one file system.
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
 * @throws {GoodputError} of kind `io` if the disk fails
 */
export async function replaceAmongRuns(dir: string, name: string, text: string): Promise<void> {
  try {
    await replaceFile(realDisk, dir, name, text);
  } catch (error) {
    throw cannotWrite(
      join(dir, name),
      error,
      `Its runs are kept. Continue with the same command and --out ${dir}.`,
    );
  }
}
