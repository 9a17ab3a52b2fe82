import { isRecord } from '../containers/container.ts';
import { RecordError, shown, suggestion } from '../model/record-error.ts';
import { hasNullContent, type Message, type Tags } from '../model/session.ts';

/** How the values of a container are written. */
export interface Writing {
  /** Numbers may be texts: "128". */
  numbersAsText: boolean;
  /** Lists and objects may be texts with JSON, because the container has only text. */
  jsonAsText: boolean;
  /** True: a message whose content is null is read as it is, so that a filter can remove it; otherwise it is a mistake. */
  keepsNullContent: boolean;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The values of a record by key, each checked when it is read. A key whose value is null is absent. */
export class Fields {
  readonly record: Readonly<Record<string, unknown>>;
  readonly writing: Writing;

  constructor(record: Readonly<Record<string, unknown>>, writing: Writing) {
    this.record = record;
    this.writing = writing;
  }

  get(key: string): unknown {
    return Object.hasOwn(this.record, key) ? (this.record[key] ?? null) : null;
  }

  has(key: string): boolean {
    return this.get(key) !== null;
  }

  /** Returns the fields of an object inside the record. */
  inside(value: Readonly<Record<string, unknown>>): Fields {
    return new Fields(value, this.writing);
  }

  text(key: string): string | null {
    const value = this.get(key);
    return value === null || typeof value === 'string' ? value : wrong(key, value, 'a text');
  }

  /** Returns a text that must be there. */
  needText(key: string): string {
    return this.text(key) ?? missing(key);
  }

  /** Returns an identifier: a text, or a number as a text; an empty one is absent. */
  id(key: string): string | null {
    const value = this.get(key);
    if (value === null || value === '') return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    return wrong(key, value, 'a text or a number');
  }

  number(key: string): number | null {
    const value = this.get(key);
    if (value === null) return null;
    const number = numberOf(value, this.writing.numbersAsText);
    return number ?? wrong(key, value, 'a number');
  }

  /** Returns a number of tokens. */
  length(key: string): number | null {
    const number = this.number(key);
    if (number === null || (Number.isSafeInteger(number) && number >= 0)) return number;
    return wrong(key, this.get(key), 'a whole number, at least 0');
  }

  /** Returns the content of a message that must be there. */
  needContent(key: string): string | null {
    return this.writing.keepsNullContent ? this.text(key) : this.needText(key);
  }

  needLength(key: string): number {
    return this.length(key) ?? missing(key);
  }

  /** Returns a duration: a number that is at least 0. */
  duration(key: string): number | null {
    const number = this.number(key);
    return number === null || number >= 0 ? number : wrong(key, this.get(key), 'a number, at least 0');
  }

  list(key: string): readonly unknown[] | null {
    const value = this.#structure(key);
    return value === null || Array.isArray(value) ? (value as unknown[] | null) : wrong(key, value, 'a list');
  }

  /** Returns a list; `null` if the value is absent or anything else. */
  listIfAny(key: string): readonly unknown[] | null {
    const value = this.get(key);
    try {
      const list =
        typeof value === 'string' && this.writing.jsonAsText ? (JSON.parse(value) as unknown) : value;
      return Array.isArray(list) ? list : null;
    } catch {
      return null;
    }
  }

  object(key: string): Readonly<Record<string, unknown>> | null {
    const value = this.#structure(key);
    return value === null || isRecord(value) ? value : wrong(key, value, 'an object');
  }

  /** Returns a list in which an empty one is absent. */
  someOf(key: string): readonly unknown[] | null {
    const list = this.list(key);
    return list === null || list.length === 0 ? null : list;
  }

  /** Returns an object in which an empty one is absent. */
  bodyOf(key: string): Readonly<Record<string, unknown>> | null {
    return orNull(this.object(key) ?? {});
  }

  objects(key: string): readonly Readonly<Record<string, unknown>>[] | null {
    const list = this.list(key);
    if (list === null) return null;
    for (const [at, each] of list.entries()) if (!isRecord(each)) wrong(`${key}[${at}]`, each, 'an object');
    return list as readonly Readonly<Record<string, unknown>>[];
  }

  /**
   * Returns chat messages as they are, each with a role and a content; `null` if absent.
   * @param areAnswersOptional true in a recorded conversation, where an assistant message without content is not an answer
   */
  messages(key: string, areAnswersOptional = false): readonly Message[] | null {
    const list = this.objects(key);
    if (list === null) return null;
    if (list.length === 0) throw new RecordError(`"${key}" is empty; expected a list of messages`);
    for (const [at, message] of list.entries()) {
      const { role } = message;
      if (typeof role !== 'string') wrong(`${key}[${at}].role`, role ?? null, 'a text');
      const mayBeNull = areAnswersOptional && role === 'assistant';
      this.content(message, 'content', `${key}[${at}]`, mayBeNull || !hasNullContent(message as Message));
    }
    return list as readonly Message[];
  }

  /**
   * Returns the content of a message, checked.
   * @param where the message, for mistakes
   */
  content(
    message: Readonly<Record<string, unknown>>,
    key: string,
    where: string,
    mayBeNull: boolean,
  ): string | readonly unknown[] | null {
    const content = message[key] ?? null;
    const expected = 'a text or a list of parts';
    if (content === null) {
      if (mayBeNull || this.writing.keepsNullContent) return null;
      return key in message ? wrong(`${where}.${key}`, null, expected) : missing(`${where}.${key}`);
    }
    if (typeof content === 'string') return content;
    if (!Array.isArray(content)) return wrong(`${where}.${key}`, content, expected);
    for (const [at, part] of content.entries()) checkPart(part, `${where}.${key}[${at}]`);
    return content;
  }

  /** Returns block ids: whole numbers. */
  hashIds(key: string): readonly number[] | null {
    const list = this.list(key);
    if (list === null || list.every(Number.isSafeInteger)) return list as readonly number[] | null;
    return list.map((id, at) => {
      const number = numberOf(id, this.writing.numbersAsText);
      return Number.isSafeInteger(number) ? number! : wrong(`${key}[${at}]`, id, 'a whole number');
    });
  }

  /** Returns tags: texts, with numbers and booleans as texts. */
  tags(key: string): Tags {
    const pairs = Object.entries(this.object(key) ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, tagText(`${key}.${name}`, value)] as const],
    );
    return Object.fromEntries(pairs);
  }

  /** Returns these keys as tags, where they are texts that are not empty. */
  textTags(names: Readonly<Record<string, string>>): Tags {
    const tags: Record<string, string> = {};
    for (const tag in names) {
      const value = this.get(names[tag]!);
      if (typeof value === 'string' && value !== '') tags[tag] = value;
    }
    return tags;
  }

  /** @throws {RecordError} for a key that another format has, with the right name */
  refuse(wrongNames: Readonly<Record<string, string>>): void {
    for (const [key, right] of Object.entries(wrongNames))
      if (this.has(key)) throw new RecordError(`unknown key "${key}"; did you mean "${right}"?`);
  }

  #structure(key: string): unknown {
    const value = this.get(key);
    if (typeof value !== 'string' || !this.writing.jsonAsText) return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return wrong(key, value, 'JSON');
    }
  }
}

/** The types of parts that have only a text. */
const TEXT_PARTS = ['text', 'input_text', 'output_text'];

/** @throws {RecordError} for a part that is nothing, or text without its text */
function checkPart(part: unknown, where: string): void {
  if (typeof part === 'string') return;
  if (!isRecord(part)) wrong(where, part, 'a text or an object');
  const { type, text } = part;
  if (TEXT_PARTS.includes(String(type)) && typeof text !== 'string')
    wrong(`${where}.text`, text ?? null, 'a text');
}

function numberOf(value: unknown, isTextAllowed: boolean): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (!isTextAllowed || typeof value !== 'string') return null;
  const text = value.trim();
  const number = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** Returns the text of a tag. */
export function tagText(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : wrong(key, value, 'a text');
}

export const orNull = <T extends object>(object: T): T | null =>
  Object.keys(object).length === 0 ? null : object;

/** @throws {RecordError} that names the key and shows the value */
export function wrong(key: string, value: unknown, expected: string): never {
  throw new RecordError(`"${key}" is ${shown(value)}; expected ${expected}`);
}

export function missing(key: string, keys: Iterable<string> = []): never {
  throw new RecordError(`no "${key}"${suggestion(key, keys)}`);
}
