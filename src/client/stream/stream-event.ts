import type { AnswerReader } from '../api/api.ts';
import { asObject } from '../http/json-values.ts';
import type { ServerError } from '../api/server-error.ts';
import { truncateMessage, streamError } from '../api/server-error.ts';

/** Reason why a stream ends before its connection. */
export type StreamEnd =
  | { kind: 'terminal' }
  | { kind: 'error'; error: ServerError }
  | { kind: 'malformed'; message: string };

export interface StreamStep {
  output: boolean;
  /** An output event or a finish reason: restarts the idle timeout. */
  progress: boolean;
  end: StreamEnd | null;
}

export const NOTHING: StreamStep = { output: false, progress: false, end: null };
export const OUTPUT: StreamStep = { output: true, progress: true, end: null };
const TERMINAL: StreamStep = { output: false, progress: false, end: { kind: 'terminal' } };

/** Reads one event of a stream: the end marker, an error, or a payload, which the API's reader reads. */
export function readEvent(data: string, type: string, reader: AnswerReader): StreamStep {
  const text = trimJson(data);
  if (text === '') return NOTHING;
  if (text === '[DONE]') return TERMINAL;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (type === 'error')
      return { ...NOTHING, end: { kind: 'error', error: { message: truncateMessage(text) } } };
    return { ...NOTHING, end: { kind: 'malformed', message: notJson(text) } };
  }
  const payload = asObject(value);
  if (payload === null) return NOTHING;
  // An error may be part of the last event with output or a finish reason (OpenRouter).
  const { output, finish, terminal = false, error = streamError(payload, type) } = reader.read(payload);
  const end: StreamEnd | null =
    error !== null ? { kind: 'error', error } : terminal ? { kind: 'terminal' } : null;
  return { output, progress: output || finish, end };
}

/** Removes the white space that JSON allows around a value (RFC 8259 §2) and no other, like `JSON.parse`. */
function trimJson(data: string): string {
  let start = 0;
  let end = data.length;
  while (start < end && isSpace(data.charCodeAt(start))) start++;
  while (end > start && isSpace(data.charCodeAt(end - 1))) end--;
  return data.slice(start, end);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Describes an event that is not JSON. Other white space than JSON's is invisible in a message, so it is named. */
function notJson(text: string): string {
  const [odd] = /^\s|\s$/.exec(text) ?? [];
  const code = odd?.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const where = code === undefined ? '' : ` (it has U+${code} around it, which JSON does not allow)`;
  return truncateMessage(`an event is not JSON${where}: ${text}`);
}
