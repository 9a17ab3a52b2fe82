import { GoodputError } from '../../errors.ts';
import { shown } from '../model/record-error.ts';
import {
  conversationBefore,
  EMPTY_TURN,
  type Message,
  type Session,
  sessionName,
  type Turn,
} from '../model/session.ts';
import { ChatTemplate, TemplateRejection } from './chat-template.ts';
import { type ModelTemplates, selectTemplate } from './read-template.ts';

/** Fields of a chat request that the completions API does not have. */
const CHAT_FIELDS: readonly string[] = [
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'chat_template_kwargs',
];

/** Writes the turns of sessions as prompts for the completions API, by the chat template of a model. */
export class PromptWriter {
  readonly #model: ModelTemplates;
  readonly #name: string | null;
  readonly #now: Date;
  readonly #open = new Map<string, ChatTemplate>();
  /** The prompts written by each template. */
  readonly used = new Map<string, number>();
  prompts = 0;
  /** Prompts that begin with the `bos_token`. */
  withBos = 0;

  /** @param name the template to use; `null`: the default, or `tool_use` for a request with tools */
  constructor(model: ModelTemplates, name: string | null, now: Date) {
    this.#model = model;
    this.#name = name;
    this.#now = now;
    // A wrong name or a mistake in the template is an error even without records.
    this.#template(false);
  }

  /** The `bos_token`; `null` if the model has none. */
  get bos(): string | null {
    const bos = this.#model.tokens['bos_token'];
    return typeof bos === 'string' && bos !== '' ? bos : null;
  }

  /**
   * Returns one session for each turn, whose only message is the prompt: the conversation up to there with the recorded answers, and the beginning
   * of the next answer.
   * @throws {GoodputError} kind `usage` if the template rejects the conversation, or it has images or only a length
   */
  write(session: Session): Session[] {
    return session.turns.map((turn, at) => {
      const prompt = this.#prompt(session, turn, at);
      const { output_tokens, reference } = turn;
      const tags = {
        ...session.tags,
        ...turn.tags,
        ...(session.session === null ? {} : { session: session.session }),
        ...(session.turns.length === 1 ? {} : { turn: String(at) }),
      };
      const body = Object.entries(turn.body ?? {}).filter(([key]) => !CHAT_FIELDS.includes(key));
      return {
        session: null,
        timestamp_ms: at === 0 ? session.timestamp_ms : null,
        tags,
        turns: [
          {
            ...EMPTY_TURN,
            messages: [{ role: 'user', content: prompt }],
            output_tokens,
            reference,
            body: body.length === 0 ? null : Object.fromEntries(body),
          },
        ],
      };
    });
  }

  #prompt(session: Session, turn: Turn, at: number): string {
    const { body } = turn;
    const functions = listOf(body?.['functions'])?.map((each) => ({ type: 'function', function: each }));
    const tools = turn.tools ?? listOf(body?.['tools']) ?? functions ?? null;
    const values = { ...this.#model.tokens, ...objectOf(body?.['chat_template_kwargs']) };
    const messages = conversationBefore(session, at);
    try {
      if (messages === null) throw new TemplateRejection('it is given by length, without text');
      const { name, template } = this.#template(tools !== null);
      const prompt = template.render({ messages: messages.map(templated), tools, values });
      this.prompts++;
      this.used.set(name, (this.used.get(name) ?? 0) + 1);
      if (this.bos !== null && prompt.startsWith(this.bos)) this.withBos++;
      return prompt;
    } catch (error) {
      if (!(error instanceof TemplateRejection)) throw error;
      throw new GoodputError(
        'usage',
        `turn ${at} of the session ${shown(sessionName(session))} cannot be written with ${this.#model.path}: ${error.message}`,
        { hint: 'Remove such sessions with goodput data filter, or use another template.', cause: error },
      );
    }
  }

  #template(hasTools: boolean): { name: string; template: ChatTemplate } {
    const { name, text } = selectTemplate(this.#model, this.#name, hasTools);
    let template = this.#open.get(name);
    if (template === undefined) {
      try {
        template = new ChatTemplate(text, this.#now);
      } catch (error) {
        throw new GoodputError(
          'usage',
          `${this.#model.path}: the template ${JSON.stringify(name)} is not valid Jinja: ${(error as Error).message}`,
          { cause: error },
        );
      }
      this.#open.set(name, template);
    }
    return { name, template };
  }
}

const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value : undefined;

const objectOf = (value: unknown): object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** Returns a message as servers hand it to a template: text parts as one text, and the arguments of tool calls as objects. */
function templated(message: Message): Record<string, unknown> {
  const { content, tool_calls } = message;
  return {
    ...message,
    ...(Array.isArray(content) ? { content: content.map(partText).join('') } : {}),
    ...(Array.isArray(tool_calls) ? { tool_calls: tool_calls.map(withParsedArguments) } : {}),
  };
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part;
  const { text } = part as { text?: unknown };
  if (typeof text === 'string') return text;
  throw new TemplateRejection('it has images or other parts that a prompt cannot have');
}

function withParsedArguments(call: unknown): unknown {
  const called = (call as { function?: { arguments?: unknown } } | null)?.function;
  if (typeof called?.arguments !== 'string') return call;
  try {
    const parsed = JSON.parse(called.arguments) as unknown;
    return { ...(call as object), function: { ...called, arguments: parsed } };
  } catch {
    return call;
  }
}
