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
    return { prompt: Math.max(1, planned), chain: this.#prefixOf(s) };
  }

  /**
   * Returns the tokens of a turn of a synthetic conversation. Its blocks are those of the turns before it, as long as these were answered.
   * @param isAlone the turn repeats nothing
   * @param version another number for each history
   */
  ofConversation(
    s: number,
    planned: number,
    output: number,
    { isAlone, version }: { isAlone: boolean; version: number },
  ): RequestTokens {
    const prompt = Math.max(1, planned);
    if (isAlone) return { prompt, chain: NOTHING_SHARED };
    const shared = this.#prefixOf(s);
    const blocks = Math.floor((prompt + output) / this.#blockSize);
    const own = Array.from(
      { length: Math.max(0, blocks - shared.length) },
      (_, k) => `${shared.length + k} of ${s} ${version}`,
    );
    return { prompt, chain: [...shared, ...own] };
  }

  /** Returns the names of the blocks of the prefix that session s shares with its group. */
  #prefixOf(s: number): readonly string[] {
    const shared = this.#shared(s);
    if (shared === null) return [];
    let names = this.#groups.get(shared.group);
    if (names === undefined) this.#groups.set(shared.group, (names = []));
    const blocks = Math.floor(shared.length / this.#blockSize);
    while (names.length < blocks) names.push(`${names.length} ${shared.group}`);
    return names.slice(0, blocks);
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
    if (words === undefined) this.#words.set(message, (words = textsOf(message).flatMap(wordsIn)));
    return words;
  }
}

/** Returns the texts of a message: of its content, and of the names and arguments of its tool calls. */
function textsOf({ content, tool_calls: calls }: Readonly<Record<string, unknown>>): string[] {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return [
    ...parts.map((part) => (typeof part === 'string' ? part : textAt(part, 'text'))),
    ...(Array.isArray(calls) ? (calls as readonly unknown[]) : []).flatMap((call) => {
      const called = isRecord(call) ? call['function'] : null;
      return [textAt(called, 'name'), textAt(called, 'arguments')];
    }),
  ];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function textAt(value: unknown, key: string): string {
  const text = isRecord(value) ? value[key] : null;
  return typeof text === 'string' ? text : '';
}

const wordsIn = (text: string): string[] => text.match(/\S+/g) ?? [];
