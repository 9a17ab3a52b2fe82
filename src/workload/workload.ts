import { GoodputError } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { UNCALIBRATED, wordsFor, type Calibration } from './calibration.ts';
import { drawLength } from '../lengths.ts';
import type { Prompt } from './prompt.ts';
import { promptOrder, type PromptEntry } from './prompts.ts';
import { sharedWords, synthesize } from './synthetic.ts';

interface RequestSize {
  /** Input tokens asked for; `null` where prompts come from a file. */
  input: number | null;
  /** Output tokens asked for. */
  output: number;
}

export interface RequestContent extends RequestSize {
  prompt: Prompt;
}

/** What the requests say. Both functions depend on the seed and `i` alone, so any thread may ask for any request. */
export interface WorkloadSource {
  /** Without making the text: cheap enough to add up a million. */
  size(i: number): RequestSize;
  content(i: number): RequestContent;
  /** The beginning that the synthetic text of request i shares with its group's, in words; `null` where nothing is shared. */
  shared(i: number): { group: number; words: number } | null;
}

export interface WorkloadInputs {
  /** What `readPrompts` returned; needed where the scenario names a prompt file. */
  prompts?: readonly PromptEntry[] | null;
  /** Learnt by the probe. It changes texts only, never planned token counts. */
  calibration?: Calibration | null;
}

/**
 * A prefix is part of the input, not added to it: 512 input tokens with a prefix of 400 are 400 shared ones and 112 of
 * the request's own. Each request's group is a seeded draw, as users come, not a round in step with the workers.
 * A `max_tokens` of a prompt file goes before the scenario's output length.
 * @throws {GoodputError} of kind `defect` where the scenario names a prompt file and its prompts were not passed.
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
  const words = calibration ?? UNCALIBRATED;
  const size = (i: number): { input: number; output: number } => ({
    input: drawLength(workload.input, randomStream(seed, 'input', i)),
    output: output(i),
  });
  const { prefix } = workload;
  const prefixWords = prefix === null ? 0 : Math.round(prefix.tokens / words.tokensPerWord);
  const groupOf = (i: number): number => randomStream(seed, 'prefix group', i).below(prefix!.groups);
  return {
    size,
    shared(i) {
      if (prefix === null) return null;
      return { group: groupOf(i), words: sharedWords(wordsFor(size(i).input, words), prefixWords) };
    },
    content(i) {
      const planned = size(i);
      const spec = { seed, i, words: wordsFor(planned.input, words) };
      if (prefix === null) return { ...planned, prompt: { kind: 'text', text: synthesize(spec) } };
      const text = synthesize({ ...spec, shared: { group: groupOf(i), words: prefixWords } });
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
