import { join } from 'node:path';
import type { Sample } from '../sample.ts';
import { cannotWrite, realDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { SAMPLES_FILE } from './folder.ts';
import { openRun } from './reader.ts';
import { SampleWriter } from './sample-writer.ts';

/** Number of samples that are changed and written at a time. */
const BATCH = 256;

/**
 * Replaces the samples of a closed run with changed ones, in their order. Writes a new file first and renames it, so that the old or the
 * new samples exist at every moment.
 * @throws {GoodputError} of kind `io` if the disk fails; the samples are then unchanged
 */
export async function rewriteSamples(
  dir: string,
  change: (sample: Sample) => Sample,
  disk: Disk = realDisk,
): Promise<void> {
  const { samples } = await openRun(dir);
  const path = join(dir, SAMPLES_FILE);
  const beside = `${path}.new`;
  try {
    const writer = new SampleWriter(await disk.open(beside, 'wx'));
    let batch: Sample[] = [];
    try {
      for await (const sample of samples()) {
        batch.push(change(sample));
        if (batch.length < BATCH) continue;
        await writer.append(batch);
        batch = [];
      }
      await writer.append(batch);
    } finally {
      await writer.close();
    }
    await disk.rename(beside, path);
  } catch (error) {
    await disk.unlink(beside).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}
