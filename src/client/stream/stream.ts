import type { AnswerReader } from '../api/api.ts';
import { asObject } from '../http/json.ts';
import type { ServerError } from '../api/server-error.ts';
import { cut, streamError } from '../api/server-error.ts';

/** Why a stream is over before its connection is. */
export type StreamEnd =
  | { kind: 'terminal' }
  | { kind: 'error'; error: ServerError }
  /** An event that is not JSON. */
  | { kind: 'malformed'; message: string };

export interface StreamStep {
  output: boolean;
  /** An output event or a finish reason: what re-arms the timers. */
  progress: boolean;
  end: StreamEnd | null;
}

export const NOTHING: StreamStep = { output: false, progress: false, end: null };
export const OUTPUT: StreamStep = { output: true, progress: true, end: null };
const TERMINAL: StreamStep = { output: false, progress: false, end: { kind: 'terminal' } };

/** Reads one event of a stream: the marker of its end, an error, or a payload for the API's reader. */
export function readEvent(data: string, type: string, reader: AnswerReader): StreamStep {
  const text = withoutSpace(data);
  if (text === '') return NOTHING;
  if (text === '[DONE]') return TERMINAL;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (type === 'error') return { ...NOTHING, end: { kind: 'error', error: { message: cut(text) } } };
    return { ...NOTHING, end: { kind: 'malformed', message: notJson(text) } };
  }
  const payload = asObject(value);
  if (payload === null) return NOTHING;
  // An error may come with a last piece of output or a finish reason: OpenRouter.
  const { output, finish, terminal = false, error = streamError(payload, type) } = reader.read(payload);
  const end: StreamEnd | null =
    error !== null ? { kind: 'error', error } : terminal ? { kind: 'terminal' } : null;
  return { output, progress: output || finish, end };
}

/** Without the white space that JSON allows around a value (RFC 8259 §2), and no other: this is what `JSON.parse` takes. */
function withoutSpace(data: string): string {
  let start = 0;
  let end = data.length;
  while (start < end && isSpace(data.charCodeAt(start))) start++;
  while (end > start && isSpace(data.charCodeAt(end - 1))) end--;
  return data.slice(start, end);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** White space that JSON does not allow cannot be seen in a message, so it is named. */
function notJson(text: string): string {
  const [odd] = /^\s|\s$/.exec(text) ?? [];
  const code = odd?.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const where = code === undefined ? '' : ` (it has U+${code} around it, which JSON does not allow)`;
  return cut(`an event is not JSON${where}: ${text}`);
}
