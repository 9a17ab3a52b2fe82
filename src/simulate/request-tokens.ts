import { answerWord } from '../simulator/api/answer.ts';
import type { ChainKey } from '../simulator/engine/blocks.ts';
import { chainOf } from '../simulator/engine/chain.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { Prompt } from '../workload/prompt.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/** The tokens of a request, as the engine receives it. */
export interface RequestTokens {
  prompt: number;
  /** Keys of the full blocks that other requests may share; all later blocks belong to this request only. */
  chain: readonly ChainKey[];
}

/** Returns the tokens of request i of the plan. One word is one token, as over HTTP. */
export type TokensOf = (i: number, planned: number | null, output: number) => RequestTokens;

const NOTHING_SHARED: readonly ChainKey[] = [];

/** Returns the tokens of a workload's requests. Synthetic prompts need no text: the plan has their lengths and shared prefixes. */
export function tokensOf(
  workload: WorkloadSource,
  prompts: readonly PromptEntry[] | null,
  blockSize: number,
): TokensOf {
  if (prompts !== null) return ofTexts(workload, blockSize);
  const groups = new Map<number, string[]>();
  return (i, planned) => {
    const prompt = Math.max(1, planned!);
    const shared = workload.shared(i);
    if (shared === null) return { prompt, chain: NOTHING_SHARED };
    let names = groups.get(shared.group);
    if (names === undefined) groups.set(shared.group, (names = []));
    const blocks = Math.floor(shared.length / blockSize);
    while (names.length < blocks) names.push(`${names.length} ${shared.group}`);
    return { prompt, chain: names.slice(0, blocks) };
  };
}

/** Returns the tokens of prompts from a file. The words of the response also name blocks, as over HTTP. */
function ofTexts(workload: WorkloadSource, blockSize: number): TokensOf {
  // The prompts of a file repeat, as the same objects.
  const wordsByPrompt = new Map<Prompt, readonly string[]>();
  return (i, _, output) => {
    const { prompt } = workload.content(i);
    let words = wordsByPrompt.get(prompt);
    if (words === undefined) wordsByPrompt.set(prompt, (words = wordsOf(prompt)));
    const promptWords = words;
    const wordAt = (k: number): string => promptWords[k] ?? answerWord(k - promptWords.length);
    return {
      prompt: Math.max(1, promptWords.length),
      chain: chainOf(wordAt, promptWords.length + output, blockSize),
    };
  };
}

function wordsOf(prompt: Prompt): string[] {
  if (prompt.kind === 'text') return wordsIn(prompt.text);
  return prompt.messages.flatMap(({ content }) => {
    if (typeof content === 'string') return wordsIn(content);
    if (!Array.isArray(content)) return [];
    return content.flatMap((part: unknown) =>
      typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
        ? wordsIn(part.text)
        : [],
    );
  });
}

const wordsIn = (text: string): string[] => text.match(/\S+/g) ?? [];
