import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { cannotWrite, makeFolders, realDisk, replaceFile } from '../record/disk.ts';
import { HEADER_FILE, HISTOGRAM_FILE, SAMPLES_FILE, SUMMARY_FILE } from '../record/folder.ts';
import { encodeHistogramLog } from '../record/hlog.ts';
import { readHeader, samplesOf } from '../record/reader.ts';
import { encodeHeader } from '../record/run-json.ts';
import { TELEMETRY_FILE } from '../record/telemetry.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import { type Score, score } from '../score/score.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { VERSION } from '../version.ts';
import { mergedHeader, mergedWindow } from './merged-header.ts';
import { accountOf } from './rank-account.ts';
import { type RankFolder, rankFolders } from './rank-folders.ts';
import { writeSorted } from './sorted-lines.ts';

/** The name of the merged run in the folder of its ranks. */
const MERGED_FOLDER = 'merged';

export interface MergeOptions {
  /** The folder of the merged run; `null`: `merged` in the folder of the ranks. An earlier merge of the same ranks is replaced. */
  out: string | null;
  /** Treats suspect runs as invalid. */
  strict: boolean;
}

/**
 * Merges the run folders of all ranks into one, in bounded memory, and scores it.
 * @param dir the folder that was given to all ranks as `--out`
 * @throws {GoodputError} kind `usage` if they cannot be merged or the folder cannot be written, `io` if the disk fails
 */
export async function mergeRanks(dir: string, { out, strict }: MergeOptions): Promise<Score> {
  const folders = await rankFolders(dir);
  const place = out ?? join(dir, MERGED_FOLDER);
  await assertReplaceable(place, folders);
  const beside = `${place}.${process.pid}.tmp`;
  try {
    await makeFolders(realDisk, dirname(place));
    await mkdir(beside);
    await writeMerged(folders, beside);
    await rm(place, { recursive: true, force: true });
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (error instanceof GoodputError) throw error;
    throw cannotWrite(
      place,
      error,
      'The ranks are unchanged. Name a folder on a disk with free space: -o RUN.',
    );
  }
  const scored = await score(place, { strict, again: true });
  const log = encodeHistogramLog(scored.histograms(), { epochMs: scored.epochMs, version: VERSION });
  try {
    await replaceFile(realDisk, place, SUMMARY_FILE, `${JSON.stringify(scored.summary, null, 2)}\n`);
    await replaceFile(realDisk, place, HISTOGRAM_FILE, log);
  } catch (error) {
    throw cannotWrite(join(place, SUMMARY_FILE), error);
  }
  return scored;
}

async function writeMerged(folders: readonly [RankFolder, ...RankFolder[]], into: string): Promise<void> {
  const scenario = scenarioFromEcho(folders[0].header.scenario);
  const lines = folders.map(() => 0);
  const files = await Promise.all(
    folders.map(async ({ dir }, at) => ({
      ...(await samplesOf(dir)),
      onEnd: (count: number) => {
        lines[at] = count;
      },
    })),
  );
  const samples = await realDisk.open(join(into, SAMPLES_FILE), 'wx');
  try {
    await writeSorted(files, samples, into);
    await samples.sync();
  } finally {
    await samples.close();
  }
  const window = mergedWindow(folders, scenario);
  const each = await accountOf(folders, lines, scenario, window);
  await replaceFile(realDisk, into, HEADER_FILE, encodeHeader(mergedHeader(folders, scenario, window, each)));
  await copyTelemetry(folders, into);
}

/** Copies the telemetry once: all ranks observe the same server. */
async function copyTelemetry(folders: readonly RankFolder[], into: string): Promise<void> {
  for (const { dir } of folders) {
    try {
      await copyFile(join(dir, TELEMETRY_FILE), join(into, TELEMETRY_FILE));
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** @throws {GoodputError} kind `usage` if there is something else than an earlier merge of these ranks */
async function assertReplaceable(place: string, folders: readonly RankFolder[]): Promise<void> {
  const exists = await stat(place).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw new GoodputError('usage', `cannot write ${place}: ${reasonOf(error)}`, { cause: error });
    },
  );
  if (!exists) return;
  const before = await readHeader(place).catch(() => null);
  const ids = folders.map(({ header }) => header.id);
  if (before?.ranks?.each.some(({ id }) => id !== null && ids.includes(id)) === true) return;
  throw new GoodputError('usage', `the output folder ${place} exists already`, {
    hint: 'It is not an earlier merge of these ranks. Name a folder that does not exist: -o RUN.',
  });
}
