import { malformed, named, textOf } from './wire-parts.ts';
import type { Reply } from './reply.ts';
import type { Piece, Wire } from './wire.ts';

type Channel = 'reasoning' | 'message';

/** Writes answers of `POST /v1/responses`: typed events with sequence numbers, without `[DONE]`. */
export class ResponsesWire implements Wire {
  readonly #reply: Reply;
  #sequence = 0;
  #open: Channel | null = null;
  /** Index of the open item. */
  #place = -1;

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  begin(): string {
    const response = this.#response('in_progress', []);
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response });
  }

  piece({ text, reasoning }: Piece): string {
    const channel = reasoning ? 'reasoning' : 'message';
    const before = this.#open === channel ? '' : this.#close() + this.#begin(channel);
    const type = `response.${reasoning ? 'reasoning_text' : 'output_text'}.delta`;
    return (
      before + this.#event(type, { ...this.#position(), delta: text, ...(reasoning ? {} : { logprobs: [] }) })
    );
  }

  finish(): string {
    return this.#close();
  }

  end(): string {
    const status = this.#status();
    const response = this.#response(status, this.#items());
    return this.#event(`response.${status}`, { response });
  }

  error(message: string): string {
    return this.#event('error', { code: 'server_error', message, param: null });
  }

  malformed(): string {
    return malformed('response.output_text.delta');
  }

  document(): string {
    return JSON.stringify(this.#response(this.#status(), this.#items()));
  }

  #event(type: string, fields: object): string {
    return named({ type, sequence_number: this.#sequence++, ...fields });
  }

  #position(): object {
    return { item_id: this.#itemId(this.#place), output_index: this.#place, content_index: 0 };
  }

  #itemId(place: number): string {
    return `item-${place}-${this.#reply.id}`;
  }

  #begin(channel: Channel): string {
    this.#open = channel;
    this.#place++;
    const item = { ...this.#item(channel, this.#place, null), status: 'in_progress', content: [] };
    const added = this.#event('response.output_item.added', { output_index: this.#place, item });
    const part = this.#part(channel, '');
    return added + this.#event('response.content_part.added', { ...this.#position(), part });
  }

  #close(): string {
    const channel = this.#open;
    if (channel === null) return '';
    this.#open = null;
    const text = this.#textOf(channel);
    const type = channel === 'reasoning' ? 'reasoning_text' : 'output_text';
    return (
      this.#event(`response.${type}.done`, { ...this.#position(), text }) +
      this.#event('response.content_part.done', { ...this.#position(), part: this.#part(channel, text) }) +
      this.#event('response.output_item.done', {
        output_index: this.#place,
        item: this.#item(channel, this.#place, text),
      })
    );
  }

  #textOf(channel: Channel): string {
    const { reasoning, answer } = this.#reply;
    return channel === 'reasoning'
      ? textOf(this.#reply, 0, reasoning)
      : textOf(this.#reply, reasoning, answer.tokens);
  }

  #part(channel: Channel, text: string): object {
    if (channel === 'reasoning') return { type: 'reasoning_text', text };
    return { type: 'output_text', text, annotations: [] };
  }

  #item(channel: Channel, place: number, text: string | null): object {
    const content = text === null ? [] : [this.#part(channel, text)];
    const common = { id: this.#itemId(place), status: 'completed', content };
    if (channel === 'reasoning') return { type: 'reasoning', summary: [], ...common };
    return { type: 'message', role: 'assistant', ...common };
  }

  #items(): object[] {
    const { dialect, reasoning } = this.#reply;
    const hasReasoning = dialect.reasoning?.streamed === true && reasoning > 0;
    const channels: Channel[] = hasReasoning ? ['reasoning', 'message'] : ['message'];
    return channels.map((channel, place) => this.#item(channel, place, this.#textOf(channel)));
  }

  #status(): 'completed' | 'incomplete' {
    return this.#reply.answer.finish === 'stop' ? 'completed' : 'incomplete';
  }

  #response(status: string, output: readonly object[]): object {
    const { id, created, request, answer, prompt, cached, reasoning } = this.#reply;
    const done = status !== 'in_progress';
    return {
      id,
      object: 'response',
      created_at: created,
      status,
      model: request.model,
      error: null,
      incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
      output,
      usage: done
        ? {
            input_tokens: prompt,
            input_tokens_details: { cached_tokens: cached },
            output_tokens: answer.tokens,
            output_tokens_details: { reasoning_tokens: reasoning },
            total_tokens: prompt + answer.tokens,
          }
        : null,
    };
  }
}
