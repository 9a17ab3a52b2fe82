import { saidWord } from '../simulator/api/answer.ts';
import type { ChainKey } from '../simulator/engine/blocks.ts';
import { chainOf } from '../simulator/engine/chain.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { Prompt } from '../workload/prompt.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/** A request as the engine takes it. */
export interface Tokens {
  prompt: number;
  /** Names of the full blocks that others may have too; all further ones are the request's own. */
  chain: readonly ChainKey[];
}

/** What request i of the plan is in tokens: one word is one token, as over HTTP. */
export type TokensOf = (i: number, planned: number | null, output: number) => Tokens;

const NOTHING_SHARED: readonly ChainKey[] = [];

/**
 * Of synthetic prompts the plan tells length and shared beginning, so no text is made; those of a file are read word by
 * word.
 */
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
    const blocks = Math.floor(shared.words / blockSize);
    while (names.length < blocks) names.push(`${names.length} ${shared.group}`);
    return { prompt, chain: names.slice(0, blocks) };
  };
}

/** As over HTTP, where the endpoint knows its answers beforehand: their words name blocks too. */
function ofTexts(workload: WorkloadSource, blockSize: number): TokensOf {
  /** A file's prompts come again and again, as the same objects. */
  const known = new Map<Prompt, readonly string[]>();
  return (i, _, output) => {
    const { prompt } = workload.content(i);
    let words = known.get(prompt);
    if (words === undefined) known.set(prompt, (words = wordsOf(prompt)));
    const said = words;
    const wordAt = (k: number): string => said[k] ?? saidWord(k - said.length);
    return {
      prompt: Math.max(1, said.length),
      chain: chainOf(wordAt, said.length + output, blockSize),
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
