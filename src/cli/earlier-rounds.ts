import { readdir } from 'node:fs/promises';
import { GoodputError } from '../errors.ts';
import type { RoundsRecord } from '../record/rounds-json.ts';
import { wholeAttempt } from './attempts.ts';
import { sourcesAt, type Turn } from './contenders.ts';

/** Rounds that an earlier call began. */
export interface EarlierRounds {
  /** With every run that came to its end, also one after which the call was killed before it could write so. */
  record: RoundsRecord;
  /** What is still to be measured. */
  left: readonly Turn[];
}

/**
 * What a folder of rounds has already, and what it lacks. Runs that were cut short count as lacking.
 * @param turns all of the comparison, in order
 * @throws {GoodputError} kind `usage` where it compares something else
 */
export async function earlierRounds(
  dir: string,
  before: RoundsRecord,
  turns: readonly Turn[],
): Promise<EarlierRounds> {
  const endpoints = turns.filter(({ round }) => round === 1).map(({ contender }) => contender.name);
  if (endpoints.join('\n') !== before.endpoints.join('\n'))
    throw new GoodputError(
      'usage',
      `${dir} compares ${before.endpoints.join(', ')}, and not ${endpoints.join(', ')}`,
      { hint: 'name another folder with --out, or give the same scenario and flags' },
    );
  const names = await readdir(dir);
  const runs = [...before.runs];
  const left: Turn[] = [];
  for (const turn of turns) {
    const whole = await wholeAttempt(dir, names, turn.run, sourcesAt(turn, dir), 'another comparison');
    if (whole === null) left.push(turn);
    else if (!runs.some(({ run }) => run === whole))
      runs.push({ round: turn.round, endpoint: turn.contender.name, seed: turn.seed, run: whole });
  }
  return { record: { ...before, runs }, left };
}
