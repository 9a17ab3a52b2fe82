import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { strftime } from './strftime.ts';

/** The values that a template uses. */
export interface TemplateInput {
  messages: readonly Readonly<Record<string, unknown>>[];
  tools: readonly unknown[] | null;
  /** Special tokens by their keys in tokenizer_config.json (`bos_token`), and arguments such as `enable_thinking`. */
  values: Readonly<Record<string, unknown>>;
}

/** Thrown when a template rejects a conversation, with its reason. */
export class TemplateRejection extends Error {
  override readonly name = 'TemplateRejection';
}

/** A Jinja chat template. It renders conversations as transformers does in Python (`apply_chat_template` with `add_generation_prompt`). */
export class ChatTemplate {
  readonly #program: ReturnType<typeof parse>;
  readonly #now: Date;

  /**
   * @param now the time that `strftime_now` shows
   * @throws {SyntaxError} if it is not a Jinja template
   */
  constructor(text: string, now: Date) {
    this.#program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
    this.#now = now;
  }

  /**
   * Returns a prompt that ends where the answer of the model begins.
   * @throws {TemplateRejection} if the template rejects the conversation, or cannot render it
   */
  render({ messages, tools, values }: TemplateInput): string {
    const env = new Environment();
    const globals = {
      ...LITERALS,
      range,
      strftime_now: (format: string) => strftime(this.#now, format),
      raise_exception(message: string) {
        throw new TemplateRejection(message);
      },
      ...values,
      messages,
      tools,
      documents: null,
      add_generation_prompt: true,
    };
    for (const [name, value] of Object.entries(globals)) env.set(name, value);
    try {
      return String((new Interpreter(env).run(this.#program) as { value: unknown }).value);
    } catch (error) {
      throw new TemplateRejection((error as Error).message, { cause: error });
    }
  }
}

const LITERALS = { true: true, false: false, none: null, True: true, False: false, None: null };

/** Python's `range`. */
function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = typeof stop === 'number' ? [start, stop] : [0, start];
  if (step === 0) throw new TemplateRejection('range() step must not be zero');
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, at) => from + at * step);
}
