import { malformed, named, textOf } from './wire-parts.ts';
import type { Reply } from './reply.ts';
import type { Piece, Wire } from './wire.ts';

/**
 * Writes answers of `POST /v1/messages`, Anthropic's API. Its input tokens exclude the cached ones, and thinking is not counted
 * separately.
 */
export class MessagesWire implements Wire {
  readonly #reply: Reply;
  /** Index of the open block, and whether it is thinking. */
  #block = -1;
  #isThinking = false;

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  begin(): string {
    return '';
  }

  piece({ text, reasoning }: Piece): string {
    let before = '';
    if (this.#block === -1) before = this.#start() + this.#open(reasoning) + named({ type: 'ping' });
    else if (this.#isThinking !== reasoning) before = this.#close() + this.#open(reasoning);
    const delta = reasoning ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text };
    return before + this.#event('content_block_delta', { index: this.#block, delta });
  }

  finish(): string {
    return this.#block === -1 ? this.#start() : this.#close();
  }

  end(): string {
    const usage = this.#usage(this.#reply.answer.tokens);
    return this.#event('message_delta', { delta: this.#stopped(), usage }) + this.#event('message_stop', {});
  }

  error(message: string): string {
    return this.#event('error', { error: { type: 'api_error', message } });
  }

  malformed(): string {
    return malformed('content_block_delta');
  }

  document(): string {
    const reply = this.#reply;
    const { reasoning, answer, dialect } = reply;
    const thinking =
      dialect.reasoning?.streamed === true && reasoning > 0
        ? [{ type: 'thinking', thinking: textOf(reply, 0, reasoning), signature: '' }]
        : [];
    const content = [...thinking, { type: 'text', text: textOf(reply, reasoning, answer.tokens) }];
    return JSON.stringify({ ...this.#message(content, answer.tokens), ...this.#stopped() });
  }

  #event(type: string, fields: object): string {
    return named({ type, ...fields });
  }

  #start(): string {
    const message = { ...this.#message([], 1), stop_reason: null, stop_sequence: null };
    return this.#event('message_start', { message });
  }

  #open(thinking: boolean): string {
    this.#isThinking = thinking;
    this.#block++;
    const block = thinking ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' };
    return this.#event('content_block_start', { index: this.#block, content_block: block });
  }

  #close(): string {
    return this.#event('content_block_stop', { index: this.#block });
  }

  #stopped(): object {
    const { stoppedBy, finish } = this.#reply.answer;
    const reason = stoppedBy !== null ? 'stop_sequence' : finish === 'stop' ? 'end_turn' : 'max_tokens';
    return { stop_reason: reason, stop_sequence: stoppedBy };
  }

  #message(content: readonly object[], output: number): object {
    const { id, request } = this.#reply;
    return {
      id,
      type: 'message',
      role: 'assistant',
      model: request.model,
      content,
      usage: this.#usage(output),
    };
  }

  #usage(output: number): object {
    const { prompt, cached } = this.#reply;
    return {
      input_tokens: prompt - cached,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cached,
      output_tokens: output,
    };
  }
}
