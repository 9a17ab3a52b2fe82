import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoodputError } from '../errors.ts';
import type { RoundsFolder, RoundsRecord } from '../record/rounds-json.ts';
import type { Progress } from '../render/progress-writer.ts';
import type { RunResult } from '../run/run.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { freshAttempt } from './attempts.ts';
import { sourcesAt, type Turn } from './contenders.ts';
import { scoreEnded, writeReport } from './keep-report.ts';
import { STOPS } from './stops.ts';

/**
 * Carries one run out: over sockets, or on the virtual clock.
 * @param stopped whether Ctrl-C was pressed before the run listened for it
 */
export type CarryOut = (
  resolved: Resolved,
  prompts: readonly PromptEntry[] | null,
  progress: Progress,
  warn: (text: string) => void,
  stopped: () => boolean,
) => Promise<RunResult>;

export interface TurnsInput {
  /** What is to be measured, in order. */
  turns: readonly Turn[];
  folder: RoundsFolder;
  /** Grows as runs end. */
  record: RoundsRecord;
  carryOut: CarryOut;
  prompts: readonly PromptEntry[] | null;
  progress: Progress;
  warn(text: string): void;
  say(text: string): void;
}

/**
 * Carries the runs of rounds out, one after the other; Ctrl-C ends them in good order.
 * @returns why it could not go on; what was measured before is in the folder
 */
export async function carryOutTurns(input: TurnsInput): Promise<GoodputError | null> {
  const { turns, folder, record } = input;
  let interrupted = false;
  // Also between two runs, which listen for themselves.
  const onSignal = (): void => {
    interrupted = true;
  };
  for (const signal of STOPS) process.on(signal, onSignal);
  let error: GoodputError | null = null;
  try {
    await folder.write(record);
    for (const turn of turns) {
      if (interrupted || error !== null) break;
      const result = await carryOutTurn(turn, input, () => interrupted);
      error = result.error;
      if (result.status === 'interrupted') interrupted = true;
    }
    record.status = error !== null ? 'failed' : interrupted ? 'interrupted' : 'complete';
    await unlessFailed(error, () => folder.write(record));
  } finally {
    for (const signal of STOPS) process.off(signal, onSignal);
  }
  return error;
}

async function carryOutTurn(
  turn: Turn,
  { folder, record, carryOut, prompts, progress, warn, say }: TurnsInput,
  stopped: () => boolean,
): Promise<RunResult> {
  const { round, contender, seed } = turn;
  const run = freshAttempt(await readdir(folder.dir), turn.run);
  const { resolved } = resolveScenario(sourcesAt(turn, join(folder.dir, run)));
  say(`round ${round} of ${record.rounds}: ${contender.name}, seed ${seed}`);
  const result = await carryOut(
    resolved,
    prompts,
    progress,
    (text) => warn(`${contender.name}: ${text}`),
    stopped,
  );
  await unlessFailed(result.error, async () => {
    await writeReport(result, await scoreEnded(result, { strict: false }));
    record.runs.push({ round, endpoint: contender.name, seed, run });
    await folder.write(record);
  });
  return result;
}

/** Why a run failed is told first: that a full disk takes no record of it either is no news. */
async function unlessFailed(error: GoodputError | null, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (problem) {
    if (error === null) throw problem;
  }
}
