import { DONE, errorOf, event, idsOf, textOf, usageOf, usageSoFar } from './wire-parts.ts';
import type { Reply } from './reply.ts';
import type { Piece, Wire } from './wire.ts';

export class ChatWire implements Wire {
  readonly #reply: Reply;
  readonly #continuous: boolean;
  readonly #ids: boolean;
  /** Start of all events of each choice. */
  readonly #heads: string[];
  /** End of all events, unless their usage changes. */
  readonly #tail: string;
  readonly #started = new Set<number>();
  /** Choices whose last output event had their finish reason. */
  readonly #finished = new Set<number>();

  constructor(reply: Reply) {
    const { id, created, request, dialect } = reply;
    this.#reply = reply;
    this.#continuous = dialect.vllm && request.includeUsage && request.continuousUsage;
    this.#ids = dialect.vllm && request.tokenIds;
    const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model: request.model });
    this.#heads = Array.from(
      { length: request.n },
      (_, index) => `data: ${head.slice(0, -1)},"choices":[{"index":${index},"delta":`,
    );
    // OpenAI writes a null usage into every event but the last; vLLM omits it.
    this.#tail = request.includeUsage && !dialect.vllm ? ',"usage":null}\n\n' : '}\n\n';
  }

  begin(): string {
    if (this.#reply.dialect.role !== 'accepted') return '';
    return this.#heads.map((_, choice) => this.#role(choice)).join('');
  }

  piece({ choice, text, reasoning, tokens, sofar, last }: Piece): string {
    const role = this.#reply.dialect.role === 'first token' && !this.#started.has(choice);
    this.#started.add(choice);
    const delta = `{"${reasoning ? 'reasoning' : 'content'}":${JSON.stringify(text)}}`;
    const ids = this.#ids ? `,"token_ids":${JSON.stringify(idsOf(sofar, tokens))}` : '';
    const finishes = last && this.#reply.dialect.vllm;
    if (finishes) this.#finished.add(choice);
    const reason = finishes ? this.#finishReason() : '"finish_reason":null';
    return (
      (role ? this.#role(choice) : '') +
      `${this.#heads[choice]}${delta},"logprobs":null,${reason}${ids}}]${this.#after(sofar)}`
    );
  }

  finish(choice: number): string {
    if (this.#finished.has(choice)) return '';
    const { answer, dialect } = this.#reply;
    const delta = dialect.vllm ? '{"content":""}' : '{}';
    return `${this.#heads[choice]}${delta},"logprobs":null,${this.#finishReason()}}]${this.#after(answer.tokens)}`;
  }

  end(): string {
    const { id, created, request } = this.#reply;
    if (!request.includeUsage) return DONE;
    const usage = usageOf(this.#reply);
    return (
      event({ id, object: 'chat.completion.chunk', created, model: request.model, choices: [], usage }) + DONE
    );
  }

  error(message: string): string {
    return event({ error: errorOf(message) }) + (this.#reply.dialect.vllm ? DONE : '');
  }

  malformed(): string {
    return 'data: {"choices":[{"index":0,"delta":{"content":\n\n';
  }

  document(): string {
    const reply = this.#reply;
    const { id, created, request, answer, dialect, reasoning } = reply;
    const message = {
      role: 'assistant',
      content: textOf(reply, reasoning, answer.tokens),
      refusal: null,
      ...(dialect.reasoning?.streamed === true ? { reasoning: textOf(reply, 0, reasoning) } : {}),
    };
    const choices = this.#heads.map((_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: answer.finish,
      ...(dialect.vllm ? { stop_reason: answer.stoppedBy } : {}),
    }));
    const { model } = request;
    return JSON.stringify({ id, object: 'chat.completion', created, model, choices, usage: usageOf(reply) });
  }

  #finishReason(): string {
    const { answer, dialect } = this.#reply;
    const stop = dialect.vllm ? `,"stop_reason":${JSON.stringify(answer.stoppedBy)}` : '';
    return `"finish_reason":"${answer.finish}"${stop}`;
  }

  #role(choice: number): string {
    const delta = this.#reply.dialect.vllm
      ? '{"role":"assistant","content":""}'
      : '{"role":"assistant","content":"","refusal":null}';
    return `${this.#heads[choice]}${delta},"logprobs":null,"finish_reason":null}]${this.#after(0)}`;
  }

  #after(sofar: number): string {
    if (!this.#continuous) return this.#tail;
    return `,"usage":${JSON.stringify(usageSoFar(this.#reply.prompt, sofar))}}\n\n`;
  }
}
