import { join } from 'node:path';
import type { Sample } from '../sample.ts';
import { cannotWrite, realDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { SAMPLES_FILE } from './folder.ts';
import { openRun } from './reader.ts';
import { SampleWriter } from './sample-writer.ts';

/** Samples that are changed and written at a time. */
const BATCH = 256;

/**
 * Puts changed samples in the place of a closed run's, in their order: beside them first, then all at once, so that there
 * is never a moment without the one or the other.
 * @throws {GoodputError} of kind `io` where the disk refuses; the samples are then as they were
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
