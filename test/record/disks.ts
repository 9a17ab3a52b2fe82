import { basename } from 'node:path';

import { realDisk } from '../../src/record/disk.ts';
import type { Disk, DiskFile } from '../../src/record/disk.ts';

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

/** A real disk on which one operation is refused. */
export function refusing(operation: 'mkdir' | 'open' | 'rename', code: string): Disk {
  return { ...realDisk, [operation]: () => Promise.reject(refusal(code)) };
}

/**
 * A real disk that takes `room` bytes of the file `name` and refuses the rest, as a full one does: the write at the edge
 * is short, the next one fails.
 */
export function filling(name: string, room: number, code: string): Disk {
  let left = room;
  return {
    ...realDisk,
    async open(path, flags) {
      const file = await realDisk.open(path, flags);
      if (basename(path) !== name) return file;
      return wrap(file, async (bytes, offset, length) => {
        if (left === 0) throw refusal(code);
        const taken = Math.min(left, length);
        left -= taken;
        return file.write(bytes, offset, taken);
      });
    },
  };
}

/** A real disk whose writes to `name` wait for a turn of the loop and take at most `piece` bytes. */
export function sluggish(name: string, piece: number): Disk {
  return {
    ...realDisk,
    async open(path, flags) {
      const file = await realDisk.open(path, flags);
      if (basename(path) !== name) return file;
      return wrap(file, async (bytes, offset, length) => {
        await new Promise(setImmediate);
        return file.write(bytes, offset, Math.min(length, piece));
      });
    },
  };
}

/** A real disk on which the file `name` is the device `device`, such as /dev/full. */
export function redirecting(name: string, device: string): Disk {
  return {
    ...realDisk,
    open: (path, flags) =>
      realDisk.open(...(basename(path) === name ? ([device, 'w'] as const) : ([path, flags] as const))),
  };
}

const wrap = (file: DiskFile, write: DiskFile['write']): DiskFile => ({
  write,
  sync: () => file.sync(),
  close: () => file.close(),
});
