import type { ChainKey } from '../simulator/blocks.ts';
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
export type TokensOf = (i: number, planned: number | null) => Tokens;

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

/** Blocks get a name by the words in them and the block before: equal names, equal beginnings. */
function ofTexts(workload: WorkloadSource, blockSize: number): TokensOf {
  const names = new Map<string, string>();
  /** A file's prompts come again and again, as the same objects. */
  const known = new Map<Prompt, Tokens>();
  return (i) => {
    const { prompt } = workload.content(i);
    const before = known.get(prompt);
    if (before !== undefined) return before;
    const words = wordsOf(prompt);
    const chain: string[] = [];
    for (let end = blockSize; end <= words.length; end += blockSize) {
      const key = `${chain.at(-1) ?? ''}\0${words.slice(end - blockSize, end).join(' ')}`;
      let name = names.get(key);
      if (name === undefined) names.set(key, (name = `b${names.size}`));
      chain.push(name);
    }
    const tokens = { prompt: Math.max(1, words.length), chain };
    known.set(prompt, tokens);
    return tokens;
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
