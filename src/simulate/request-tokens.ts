import { answerWord } from '../simulator/api/answer.ts';
import type { ChainKey } from '../simulator/engine/blocks.ts';
import { chainOf } from '../simulator/engine/chain.ts';
import { identifiedChain } from './identified-chain.ts';
import type { Prompt } from '../workload/prompt.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/** The tokens of a request, as the engine receives it. */
export interface RequestTokens {
  prompt: number;
  /** Keys of the full blocks that other requests may share; all later blocks belong to this request only. */
  chain: readonly ChainKey[];
}

const NOTHING_SHARED: readonly ChainKey[] = [];

/** Computes the tokens of requests. One word is one token, as over HTTP. */
export class TokenCounter {
  readonly #blockSize: number;
  readonly #blockTokens: number;
  readonly #shared: WorkloadSource['shared'];
  readonly #groups = new Map<number, string[]>();
  /** The messages of a data set repeat, as the same objects. */
  readonly #words = new WeakMap<object, readonly string[]>();

  /**
   * @param blockSize tokens of a block of the engine
   * @param blockTokens tokens of a block of `hash_ids`
   */
  constructor({ shared }: Pick<WorkloadSource, 'shared'>, blockSize: number, blockTokens: number) {
    this.#shared = shared;
    this.#blockSize = blockSize;
    this.#blockTokens = blockTokens;
  }

  /** Returns the tokens of a synthetic prompt of session s. It needs no text: the plan has its length and its shared prefix. */
  ofLength(s: number, planned: number): RequestTokens {
    const prompt = Math.max(1, planned);
    const shared = this.#shared(s);
    if (shared === null) return { prompt, chain: NOTHING_SHARED };
    let names = this.#groups.get(shared.group);
    if (names === undefined) this.#groups.set(shared.group, (names = []));
    const blocks = Math.floor(shared.length / this.#blockSize);
    while (names.length < blocks) names.push(`${names.length} ${shared.group}`);
    return { prompt, chain: names.slice(0, blocks) };
  }

  /** Returns the tokens of a prompt whose content is known by block. It needs no text either. */
  ofBlocks(ids: readonly number[], planned: number): RequestTokens {
    const prompt = Math.max(1, planned);
    return { prompt, chain: identifiedChain({ ids, tokens: this.#blockTokens }, prompt, this.#blockSize) };
  }

  /** Returns the tokens of a text. The words of the answer also name blocks, as over HTTP. */
  ofText(prompt: Prompt, output: number): RequestTokens {
    const words = this.#wordsOf(prompt);
    const wordAt = (k: number): string => words[k] ?? answerWord(k - words.length);
    return {
      prompt: Math.max(1, words.length),
      chain: chainOf(wordAt, words.length + output, this.#blockSize),
    };
  }

  #wordsOf(prompt: Prompt): readonly string[] {
    return prompt.kind === 'text'
      ? wordsIn(prompt.text)
      : prompt.messages.flatMap((message) => this.#wordsIn(message));
  }

  #wordsIn(message: Readonly<Record<string, unknown>>): readonly string[] {
    let words = this.#words.get(message);
    if (words === undefined) this.#words.set(message, (words = textsOf(message['content']).flatMap(wordsIn)));
    return words;
  }
}

function textsOf(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) =>
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
      ? [part.text]
      : [],
  );
}

const wordsIn = (text: string): string[] => text.match(/\S+/g) ?? [];
