import { DONE, errorOf, event, idsOf, textOf, usageOf, usageSoFar } from './wire-parts.ts';
import type { Reply } from './reply.ts';
import type { Piece, Wire } from './wire.ts';

/** Writes answers of `POST /v1/completions`, which has no channel for reasoning: all tokens are answer. */
export class CompletionsWire implements Wire {
  readonly #reply: Reply;
  readonly #continuous: boolean;
  readonly #ids: boolean;
  readonly #head: string;
  readonly #tail: string;
  /** Choices whose last output event had their finish reason. */
  readonly #finished = new Set<number>();

  constructor(reply: Reply) {
    const { id, created, request, dialect } = reply;
    this.#reply = reply;
    this.#continuous = dialect.vllm && request.includeUsage && request.continuousUsage;
    this.#ids = dialect.vllm && request.tokenIds;
    const head = JSON.stringify({ id, object: 'text_completion', created, model: request.model });
    this.#head = `data: ${head.slice(0, -1)},"choices":[{"index":`;
    this.#tail = request.includeUsage && !dialect.vllm ? ',"usage":null}\n\n' : '}\n\n';
  }

  begin(): string {
    return '';
  }

  piece({ choice, text, tokens, sofar, last }: Piece): string {
    const finishes = last && this.#reply.dialect.vllm;
    if (finishes) this.#finished.add(choice);
    const reason = finishes ? this.#finishReason() : '"finish_reason":null';
    return this.#chunk(choice, text, reason, tokens, sofar);
  }

  finish(choice: number): string {
    if (this.#finished.has(choice)) return '';
    return this.#chunk(choice, '', this.#finishReason(), 0, this.#reply.answer.tokens);
  }

  end(): string {
    const { id, created, request } = this.#reply;
    if (!request.includeUsage) return DONE;
    const usage = usageOf(this.#reply);
    return event({ id, object: 'text_completion', created, model: request.model, choices: [], usage }) + DONE;
  }

  error(message: string): string {
    return event({ error: errorOf(message) }) + (this.#reply.dialect.vllm ? DONE : '');
  }

  malformed(): string {
    return 'data: {"choices":[{"index":0,"text":\n\n';
  }

  document(): string {
    const reply = this.#reply;
    const { id, created, request, answer, dialect } = reply;
    const text = textOf(reply, 0, answer.tokens);
    const choices = Array.from({ length: request.n }, (_, index) => ({
      index,
      text,
      logprobs: null,
      finish_reason: answer.finish,
      ...(dialect.vllm ? { stop_reason: answer.stoppedBy } : {}),
    }));
    const { model } = request;
    return JSON.stringify({ id, object: 'text_completion', created, model, choices, usage: usageOf(reply) });
  }

  #finishReason(): string {
    const { answer, dialect } = this.#reply;
    const stop = dialect.vllm ? `,"stop_reason":${JSON.stringify(answer.stoppedBy)}` : '';
    return `"finish_reason":"${answer.finish}"${stop}`;
  }

  #chunk(choice: number, text: string, reason: string, tokens: number, sofar: number): string {
    const ids = this.#ids && tokens > 0 ? `,"token_ids":${JSON.stringify(idsOf(sofar, tokens))}` : '';
    const usage = this.#continuous
      ? `,"usage":${JSON.stringify(usageSoFar(this.#reply.prompt, sofar))}}\n\n`
      : this.#tail;
    return `${this.#head}${choice},"text":${JSON.stringify(text)},"logprobs":null,${reason}${ids}}]${usage}`;
  }
}
