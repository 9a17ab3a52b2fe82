import { GoodputError } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { lengthFor, textLength, UNCALIBRATED, type Calibration } from './calibration.ts';
import { drawLength } from '../lengths.ts';
import type { Prompt } from './prompt.ts';
import { promptOrder, type PromptEntry } from './prompts.ts';
import { sharedLength, synthesize } from './synthetic.ts';

interface RequestSize {
  /** Planned input tokens; `null` for prompts from a file. */
  input: number | null;
  /** Planned output tokens. */
  output: number;
}

export interface RequestContent extends RequestSize {
  prompt: Prompt;
}

/** The content of the requests. All functions depend on the seed and `i` only, so every thread can compute every request. */
export interface WorkloadSource {
  /** Returns the size of request i without generating its text: fast enough to sum over a million requests. */
  size(i: number): RequestSize;
  content(i: number): RequestContent;
  /** Returns the prefix that the synthetic text of request i shares with its group; `null` if there is none. */
  shared(i: number): { group: number; length: number } | null;
}

export interface WorkloadInputs {
  /** The result of `readPrompts`; required if the scenario names a prompt file. */
  prompts?: readonly PromptEntry[] | null;
  /** From the preflight. It changes texts only, not planned token counts. */
  calibration?: Calibration | null;
}

/**
 * Returns the content of a scenario's requests.
 *
 * A prefix is part of the input: 512 input tokens with a prefix of 400 have 400 shared tokens and 112 of their own. The group of each
 * request is random (seeded), so it does not depend on the worker. The `max_tokens` of a prompt file takes precedence over the
 * scenario's output length.
 * @throws {GoodputError} kind `defect` if the scenario names a prompt file and its prompts were not passed
 */
export function openWorkload(
  { seed, workload }: Pick<Scenario, 'seed' | 'workload'>,
  { prompts = null, calibration = null }: WorkloadInputs = {},
): WorkloadSource {
  const output = (i: number): number => drawLength(workload.output, randomStream(seed, 'output', i));
  if (workload.prompts !== null) {
    if (prompts === null)
      throw new GoodputError('defect', 'the prompt file was not read before the plan was made');
    return fromFile(seed, prompts, output);
  }
  const counted = calibration ?? UNCALIBRATED;
  const size = (i: number): { input: number; output: number } => ({
    input: drawLength(workload.input, randomStream(seed, 'input', i)),
    output: output(i),
  });
  const { prefix } = workload;
  const prefixLength = prefix === null ? 0 : textLength(prefix.tokens, counted);
  const groupOf = (i: number): number => randomStream(seed, 'prefix group', i).below(prefix!.groups);
  const { wordTokens } = counted;
  return {
    size,
    shared(i) {
      if (prefix === null) return null;
      const length = sharedLength(lengthFor(size(i).input, counted), prefixLength, wordTokens);
      return { group: groupOf(i), length };
    },
    content(i) {
      const planned = size(i);
      const text = synthesize({
        seed,
        i,
        length: lengthFor(planned.input, counted),
        ...(prefix === null ? {} : { shared: { group: groupOf(i), length: prefixLength } }),
        ...(wordTokens === undefined ? {} : { tokens: wordTokens }),
      });
      return { ...planned, prompt: { kind: 'text', text } };
    },
  };
}

function fromFile(
  seed: number,
  prompts: readonly PromptEntry[],
  output: (i: number) => number,
): WorkloadSource {
  const order = promptOrder(seed, prompts.length);
  const size = (i: number): RequestSize => ({
    input: null,
    output: prompts[order(i)]!.maxTokens ?? output(i),
  });
  return {
    size,
    content: (i) => ({ ...size(i), prompt: prompts[order(i)]!.prompt }),
    shared: () => null,
  };
}
