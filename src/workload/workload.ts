import { GoodputError } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { Following, Load, Scenario } from '../scenario/keys/scenario.ts';
import { lengthFor, textLength, UNCALIBRATED, type Calibration } from './calibration.ts';
import { drawLength } from '../lengths.ts';
import type { WorkloadData } from './data.ts';
import { dataWorkload } from './data-workload.ts';
import { NO_TAGS, type PlannedTurn, type WorkloadSession } from './planned-turn.ts';
import type { Prompt } from './prompt.ts';
import { syntheticSessions } from './synthetic-sessions.ts';
import { sharedLength, synthesize } from './synthetic.ts';

/** The content of the sessions. All functions depend on the seed and their arguments only, so every thread can compute every session. */
export interface WorkloadSource {
  /** The number of sessions; `Infinity` if the workload has no end. */
  readonly count: number;
  /** Returns the number of turns of session s, without drawing their lengths. */
  turnCount(s: number): number;
  /** Returns session s without its texts: fast enough to sum over a million sessions. */
  session(s: number): WorkloadSession;
  /**
   * Returns what the user's side adds in turn k of session s.
   * @param i number of the request in the plan, from which synthetic text is generated
   */
  prompt(s: number, k: number, i: number): Prompt;
  /** True if a session may have several turns. */
  readonly hasTurns: boolean;
  /** Returns the index of the record of session s in the data; `null` for synthetic sessions. */
  record(s: number): number | null;
  /** Returns the prefix that the synthetic text of session s shares with its group; `null` if there is none. */
  shared(s: number): { group: number; length: number } | null;
}

/** The settings from which a workload is made; the load only of a trace. */
export type WorkloadScenario = Pick<Scenario, 'seed' | 'workload'> & { load?: Pick<Load, 'trace'> };

/** Returns how the turns of a workload's sessions follow each other. */
export const followingOf = ({ data, sessions }: Scenario['workload']): Following =>
  data ?? sessions ?? { history: 'none', onError: 'end' };

export interface WorkloadInputs {
  /** The data sets, read; required if the scenario names some. */
  data?: WorkloadData | null;
  /** From the preflight. It changes texts only, not planned token counts. */
  calibration?: Calibration | null;
}

/**
 * Returns the content of a scenario's sessions.
 *
 * A prefix is part of the input: 512 input tokens with a prefix of 400 have 400 shared tokens and 112 of their own. The group of each
 * session is random (seeded), so it does not depend on the worker.
 * @throws {GoodputError} kind `defect` if the scenario names data sets and they were not passed
 */
export function openWorkload(
  scenario: WorkloadScenario,
  { data = null, calibration = null }: WorkloadInputs = {},
): WorkloadSource {
  const counted = calibration ?? UNCALIBRATED;
  const { data: choice, sessions } = scenario.workload;
  if (sessions !== null) return syntheticSessions(scenario, sessions, counted);
  if (choice === null) return singleRequests(scenario, counted);
  if (data === null) throw new GoodputError('defect', 'the data set was not read before the plan was made');
  return dataWorkload(scenario, choice, data, counted);
}

function singleRequests(
  { seed, workload }: Pick<Scenario, 'seed' | 'workload'>,
  counted: Calibration,
): WorkloadSource {
  const { prefix } = workload;
  const prefixLength = prefix === null ? 0 : textLength(prefix.tokens, counted);
  const groupOf = (i: number): number => randomStream(seed, 'prefix group', i).below(prefix!.groups);
  const inputOf = (i: number): number => drawLength(workload.input, randomStream(seed, 'input', i));
  const { wordTokens } = counted;
  const turn = (i: number): PlannedTurn => ({
    input: inputOf(i),
    output: drawLength(workload.output, randomStream(seed, 'output', i)),
    delay_us: 0,
    tools: null,
    body: null,
    reference: null,
    hash_ids: null,
    isWhole: true,
    hasResults: false,
    tags: NO_TAGS,
  });
  return {
    count: Infinity,
    hasTurns: false,
    record: () => null,
    turnCount: () => 1,
    session: (s) => ({ turns: [turn(s)], tags: NO_TAGS }),
    shared(s) {
      if (prefix === null) return null;
      const length = sharedLength(lengthFor(inputOf(s), counted), prefixLength, wordTokens);
      return { group: groupOf(s), length };
    },
    prompt(_, __, i) {
      const text = synthesize({
        seed,
        i,
        length: lengthFor(inputOf(i), counted),
        ...(prefix === null ? {} : { shared: { group: groupOf(i), length: prefixLength } }),
        ...(wordTokens === undefined ? {} : { tokens: wordTokens }),
      });
      return { kind: 'text', text };
    },
  };
}
