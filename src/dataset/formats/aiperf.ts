import { isRecord } from '../containers/container.ts';
import { RecordError } from '../model/record-error.ts';
import { EMPTY_TURN, type Message, type Turn } from '../model/session.ts';
import { type Fields, missing, wrong } from './fields.ts';
import { type FileContext, type Format, microseconds } from './format.ts';

const TEXT_KEYS = ['text', 'texts'];
const IMAGE_KEYS = ['image', 'images'];
const CONTENT_KEYS = [...TEXT_KEYS, ...IMAGE_KEYS];

const hasContent = (record: Fields): boolean => CONTENT_KEYS.some((key) => record.has(key));

function hasContentInTurns(record: Fields): boolean {
  const turns = record.listIfAny('turns') ?? [];
  return turns.some((turn) => isRecord(turn) && hasContent(record.inside(turn)));
}

const recognises = (record: Fields): boolean =>
  (hasContent(record) && !record.has('instruction')) || hasContentInTurns(record);

/** Data sets of AIPerf: one turn per record, or sessions. */
export const aiperf: Format = {
  name: 'aiperf',
  keys: ['session_id', 'turns', ...CONTENT_KEYS, 'delay', 'timestamp', 'output_length'],
  recognises,
  fits: (record) => hasContent(record) || record.has('turns'),
  needs: '"turns", "text", "texts", "image" or "images"',
  read(record, context) {
    const session = record.id('session_id');
    const tags = record.textTags({ model: 'model', language: 'language' });
    if (!record.has('turns')) {
      const turns = [{ ...turnOf(record, context), tags }];
      return { session: { session, timestamp_ms: startOf(record, context), tags: {}, turns }, isRow: true };
    }
    const each = (record.objects('turns') ?? missing('turns')).map((turn) => record.inside(turn));
    if (each.length === 0) throw new RecordError('"turns" is empty');
    const first = each[0]!.has('timestamp') ? each[0]! : record;
    const turns = each.map((turn) => turnOf(turn, context));
    return { session: { session, timestamp_ms: startOf(first, context), tags, turns }, isRow: false };
  },
};

function startOf(record: Fields, { clock, timeUnit }: FileContext): number | null {
  const timestamp = record.number('timestamp');
  return timestamp === null ? null : clock.since(timestamp * (timeUnit === 's' ? 1000 : 1));
}

function turnOf(record: Fields, { timeUnit }: FileContext): Turn {
  const delay = record.duration('delay');
  return {
    ...EMPTY_TURN,
    messages: [messageOf(record)],
    output_tokens: record.length('output_length'),
    delay_ms: delay === null ? null : microseconds(delay * (timeUnit === 's' ? 1000 : 1)),
    body: record.bodyOf('extra'),
  };
}

function messageOf(record: Fields): Message {
  const texts = TEXT_KEYS.flatMap((key) => contentsOf(record, key));
  const images = IMAGE_KEYS.flatMap((key) => contentsOf(record, key));
  if (texts.length + images.length === 0)
    throw new RecordError('a turn has no text and no image ("text", "texts", "image", "images")');
  const content =
    texts.length === 1 && images.length === 0
      ? texts[0]!
      : [
          ...texts.map((text) => ({ type: 'text', text })),
          ...images.map((url) => ({ type: 'image_url', image_url: { url } })),
        ];
  return { role: record.text('role') ?? 'user', content };
}

/** Returns the texts of a key: one, several, or those in the `contents` of objects. */
function contentsOf(record: Fields, key: string): string[] {
  const value = record.get(key);
  if (value === null) return [];
  const each = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return each.flatMap((part) => {
    if (typeof part === 'string') return [part];
    const contents = isRecord(part) ? part['contents'] : null;
    if (Array.isArray(contents) && contents.every((content) => typeof content === 'string')) return contents;
    return wrong(key, part, 'a text, or an object with "contents"');
  });
}
