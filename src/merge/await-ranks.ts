import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rankFolder } from '../ranks/rank.ts';
import { HEADER_FILE, SAMPLES_FILE } from '../record/folder.ts';
import { readHeader } from '../record/reader.ts';
import type { Milliseconds } from '../units.ts';

const POLL_MS: Milliseconds = 100;
/** A rank that has not ended this long after its drain, and records nothing, was killed. */
const GRACE_MS: Milliseconds = 5000;

/**
 * Waits at rank 0 until the other ranks have ended, or are certainly lost.
 * @param dir the folder of all ranks
 * @param drain the longest time that a rank follows requests after its window
 * @param isStopped returns true if the user does not want to wait
 * @returns false if the folder is not shared, or the user did not wait
 */
export async function otherRanksEnded(
  dir: string,
  of: number,
  drain: Milliseconds,
  isStopped: () => boolean,
  say: (text: string) => void,
): Promise<boolean> {
  const folders = Array.from({ length: of - 1 }, (_, k) => join(dir, rankFolder(k + 1)));
  const seen = await Promise.all(folders.map((folder) => sizeOf(join(folder, HEADER_FILE))));
  if (!seen.some((size) => size !== null)) return false;
  let left = folders.filter((_, k) => seen[k] !== null);
  let recorded = -1;
  let changed_ms = performance.now();
  for (let polls = 0; !isStopped(); polls++) {
    const running = await Promise.all(left.map(isRunning));
    left = left.filter((_, k) => running[k]);
    if (left.length === 0) return true;
    if (polls === 10)
      say(`rank 0 of ${of} waits for ${left.length} other ${left.length === 1 ? 'rank' : 'ranks'} to end`);
    const sizes = await Promise.all(left.map((folder) => sizeOf(join(folder, SAMPLES_FILE))));
    const now = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    if (now !== recorded) changed_ms = performance.now();
    recorded = now;
    if (performance.now() - changed_ms > drain + GRACE_MS) return true;
    await sleep(POLL_MS);
  }
  return false;
}

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ size }) => size,
    () => null,
  );

const isRunning = (folder: string): Promise<boolean> =>
  readHeader(folder).then(
    ({ status }) => status === 'running',
    () => true,
  );
