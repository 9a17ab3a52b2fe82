import { describe, expect, test } from 'vitest';
import type { Random } from '../../src/random.ts';
import { randomStream } from '../../src/random.ts';
import { EventStreamReader, MAX_EVENT_BYTES } from '../../src/client/http/sse.ts';
import { ServerFault } from '../../src/client/http/server-fault.ts';

type Event = [data: string, type: string];

function read(chunks: readonly (string | Buffer)[]): { events: Event[]; stray: string[] } {
  const events: Event[] = [];
  const stray: string[] = [];
  const reader = new EventStreamReader({
    event: (data, type) => events.push([data, type]),
    stray: (text) => stray.push(text),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return { events, stray };
}

const events = (...chunks: (string | Buffer)[]): Event[] => read(chunks).events;
const message = (...data: string[]): Event[] => data.map((text) => [text, 'message']);

describe('the rules of the specification', () => {
  const table: [rule: string, chunks: (string | Buffer)[], wanted: Event[]][] = [
    [
      '1 malformed bytes become U+FFFD',
      [Buffer.from('646174613a2061ff62c328c20a0a', 'hex')],
      message('a\uFFFDb\uFFFD(\uFFFD'),
    ],
    [
      '2 a character split over reads',
      [Buffer.from('data: \u{1F30A}\n\n').subarray(0, 8), Buffer.from('data: \u{1F30A}\n\n').subarray(8)],
      message('\u{1F30A}'),
    ],
    ['3 one BOM at the start is dropped', ['\uFEFFdata: a\n\n'], message('a')],
    ['3 a second BOM makes the field unknown', ['\uFEFF\uFEFFdata: a\n\ndata: b\n\n'], message('b')],
    ['3 a BOM later makes the field unknown', ['data: a\n\n\uFEFFdata: b\n\n'], message('a')],
    ['3 a BOM within data is data', ['data: \uFEFFa\n\n'], message('\uFEFFa')],
    [
      '3 a BOM split over reads',
      [Buffer.from([0xef]), Buffer.from([0xbb]), Buffer.from([0xbf]), 'data: a\n\n'],
      message('a'),
    ],
    ['3 a BOM before a blank line', ['\uFEFF\ndata: a\n\n'], message('a')],
    ['4 LF', ['data: a\ndata: b\n\n'], message('a\nb')],
    ['4 CR', ['data: a\rdata: b\r\r'], message('a\nb')],
    ['4 CRLF', ['data: a\r\ndata: b\r\n\r\n'], message('a\nb')],
    ['4 mixed', ['data: a\r\ndata: b\n\rdata: c\r\r\n'], message('a\nb', 'c')],
    ['5 CR at the end of a read completes the line', ['data: a\r\r'], message('a')],
    ['5 the LF after it is no blank line', ['data: a\r', '\ndata: b\r', '\n\r', '\n'], message('a\nb')],
    ['5 a blank CR line dispatches exactly once', ['data: a\r\n\r', '\ndata: b\n\n'], message('a', 'b')],
    ['5 an empty read between CR and LF', ['data: a\r', '', '\ndata: b\n\n'], message('a\nb')],
    [
      '6 NEL, U+2028, U+2029, VT and FF are no line ends',
      ['data: a\u0085b\u2028c\u2029d\u000Be\fz\n\n'],
      message('a\u0085b\u2028c\u2029d\u000Be\fz'),
    ],
    ['7 data lines are joined with LF', ['data: a\ndata: b\ndata: c\n\n'], message('a\nb\nc')],
    [
      '8 exactly one space is removed',
      ['data:a\n\ndata: a\n\ndata:  a\n\ndata:\ta\n\n'],
      message('a', 'a', ' a', '\ta'),
    ],
    ['9 data without a colon is empty', ['data\n\n'], message('')],
    ['9 data: alone dispatches empty data', ['data:\n\ndata: \n\ndata\ndata\n\n'], message('', '', '\n')],
    [
      '10 no data line, no event, and the type is cleared',
      ['event: error\n: lost\n\ndata: a\n\n'],
      message('a'),
    ],
    ['11 an empty event field is the default type', ['event: x\nevent:\ndata: a\n\n'], message('a')],
    [
      '11 the type does not leak',
      ['event: x\ndata: a\n\ndata: b\n\n'],
      [
        ['a', 'x'],
        ['b', 'message'],
      ],
    ],
    ['12 comments anywhere', [': c\ndata: a\n:data: x\n:\ndata: b\n\n: d\n\n'], message('a\nb')],
    [
      '13 names match exactly',
      ['Data: a\nDATA: a\n data: a\ndata : a\n\0data: a\ndatas: a\ndat: a\ndata: b\n\n'],
      message('b'),
    ],
    ['14 unknown fields and lines without a colon', ['foo: a\nbar\nretries: 1\ndata: a\n\n'], message('a')],
    ['15 an unfinished event is discarded', ['data: a\n\ndata: b\n'], message('a')],
    ['15 an unfinished line is discarded', ['data: a\n\ndata: b'], message('a')],
    ['16 runs of blank lines', ['\n\n\r\n\r\rdata: a\n\n\n\n\ndata: b\n\n'], message('a', 'b')],
    ['17 id in all its shapes', ['id: 1\n\nid\ndata: a\n\nid: x\0y\ndata: b\nid:\n\n'], message('a', 'b')],
    [
      '18 retry in all its shapes',
      ['retry: 10\n\nretry: x\nretry\nretry:\nretry: 1 000\ndata: a\n\n'],
      message('a'),
    ],
    ['19 NUL within data is data', ['data: a\0b\n\n'], message('a\0b')],
    [
      '21 an unknown line over many reads keeps CR and LF right',
      ['foo: ', 'bar', '\r', '\ndata: a\r', '\n', '\r', '\n'],
      message('a'),
    ],
  ];
  test.for(table)('%s', ([, chunks, wanted]) => {
    expect(events(...chunks)).toEqual(wanted);
  });

  test.for(table)('%s, byte by byte', ([, chunks, wanted]) => {
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
    expect(events(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(wanted);
  });
});

describe('size', () => {
  test('20 a line over very many small reads is complete', () => {
    const line = `data: ${'x'.repeat(200_000)}`;
    const chunks = Array.from({ length: line.length }, (_, i) => line[i]!);
    expect(read([...chunks, '\n\n']).events).toEqual(message('x'.repeat(200_000)));
  });

  test('20 a line over the limit fails', () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    const reader = new EventStreamReader({ event: () => {}, stray: () => {} });
    reader.push(Buffer.from('data: '));
    expect(() => {
      for (let i = 0; i < 17; i++) reader.push(Buffer.from(megabyte));
    }).toThrow(ServerFault);
  });

  test('20 an event of many lines over the limit fails', () => {
    const line = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n`);
    const reader = new EventStreamReader({ event: () => {}, stray: () => {} });
    expect(() => {
      for (let i = 0; i < 17; i++) reader.push(line);
    }).toThrow(/16 MiB/);
  });

  test('20 events up to the limit pass', () => {
    const data = 'x'.repeat(MAX_EVENT_BYTES - 6);
    expect(events(`data: ${data}`, '\n\n')).toEqual(message(data));
  });
});

test('nothing is dispatched after stop, not even from the same read', () => {
  const seen: string[] = [];
  const reader = new EventStreamReader({
    event(data) {
      seen.push(data);
      if (data === 'b') reader.stop();
    },
    stray: () => {},
  });
  reader.push(Buffer.from('data: a\n\ndata: b\n\ndata: c\n\n'));
  reader.push(Buffer.from('data: d\n\n'));
  expect(seen).toEqual(['a', 'b']);
});

test('the bytes of a read may be overwritten after push', () => {
  const buffer = Buffer.alloc(64);
  const seen: string[] = [];
  const reader = new EventStreamReader({ event: (data) => seen.push(data), stray: () => {} });
  for (const piece of ['da', 'ta: on', 'e\ndata: tw', 'o\n', '\n']) {
    const length = buffer.write(piece);
    reader.push(buffer.subarray(0, length));
    buffer.fill(0);
  }
  expect(seen).toEqual(['one\ntwo']);
});

test('errors outside of any event are reported separately', () => {
  const { events: dispatched, stray } = read([
    'event: error\n: lost\n\n: comment\n\nerror: {"code":1}\n\nerror\n\n',
  ]);
  expect(dispatched).toEqual([]);
  expect(stray).toEqual([' lost', '{"code":1}', '']);
});

/** The specification, literally: decode everything, remove one BOM, split into lines, interpret them. */
function reference(bytes: Buffer): Event[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  const lines = text.split(/\r\n|\r|\n/);
  // Text after the last line end is an incomplete line.
  lines.pop();
  const dispatched: Event[] = [];
  let data: string[] = [];
  let type = '';
  for (const line of lines) {
    if (line === '') {
      if (data.length > 0) dispatched.push([data.join('\n'), type || 'message']);
      data = [];
      type = '';
      continue;
    }
    const match = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (match[1] === 'data') data.push(match[2] ?? '');
    if (match[1] === 'event') type = match[2] ?? '';
  }
  return dispatched;
}

const PIECES = [
  'data',
  'data:',
  'data: ',
  'data: x',
  'event',
  'event: ',
  'event:e',
  'id: 1',
  'retry: 5',
  'error: e',
  ':',
  ': c',
  ' ',
  '  ',
  ':x',
  'foo',
  '\n',
  '\n',
  '\n\n',
  '\r',
  '\r\n',
  '\r\n\r\n',
  '\0',
  '\uFEFF',
  '\u2028',
  '\u0085',
  'é',
  '\u{1F30A}',
  '{"a":1}',
  '[DONE]',
];
const BYTES = ['ff', 'c3', 'e282', 'f09f', '80', 'eda080', 'c0af', 'f4908080', 'efbb', 'bf'];

const ENDS = ['\n', '\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r'];

function randomBytes(random: Random): Buffer {
  const parts: Buffer[] = [];
  if (random.below(8) === 0) parts.push(Buffer.from('\uFEFF'));
  const count = random.below(30);
  for (let i = 0; i < count; i++) {
    if (random.below(12) === 0) parts.push(Buffer.from(BYTES[random.below(BYTES.length)]!, 'hex'));
    else parts.push(Buffer.from(PIECES[random.below(PIECES.length)]!));
    if (random.below(2) === 0) parts.push(Buffer.from(ENDS[random.below(ENDS.length)]!));
  }
  return Buffer.concat(parts);
}

function cuts(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.below(3) === 0 ? 1 : random.below(20);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('agrees with an independent reader on 20,000 random streams, split anywhere', () => {
  const random = randomStream(7, 'event streams');
  let dispatched = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = randomBytes(random);
    const wanted = reference(bytes);
    dispatched += wanted.length;
    const got = events(...cuts(bytes, random));
    if (JSON.stringify(got) !== JSON.stringify(wanted)) {
      expect({ bytes: bytes.toString('hex'), events: got }).toEqual({
        bytes: bytes.toString('hex'),
        events: wanted,
      });
    }
  }
  // The streams must contain events, or the comparison would be empty.
  expect(dispatched).toBeGreaterThan(10_000);
});

describe('events that are known by their bytes', () => {
  const KNOWN = 'data: known\n\n';
  /** Returns which events were parsed and which were known, in order. */
  function readKnowing(chunks: readonly string[]): { seen: string[]; lines: number; between: boolean } {
    const seen: string[] = [];
    const reader = new EventStreamReader({
      event: (data) => seen.push(data),
      stray: () => undefined,
      known: (chunk, start) => {
        if (chunk.toString('latin1', start, start + KNOWN.length) !== KNOWN) return -1;
        seen.push('!');
        return start + KNOWN.length;
      },
    });
    for (const chunk of chunks) reader.push(Buffer.from(chunk));
    return { seen, lines: reader.lines, between: reader.isBetweenEvents };
  }

  test.each(Array.from({ length: KNOWN.length - 1 }, (_, i) => i + 1))(
    'one that is cut behind byte %i',
    (cut) => {
      const text = `${KNOWN}data: other\n\n${KNOWN}`;
      const at = text.length - KNOWN.length + cut;
      const { seen, lines, between } = readKnowing([text.slice(0, at), text.slice(at)]);
      // A blank line that is split in two ends an event whose line has been read.
      expect(seen).toEqual(['!', 'other', cut === KNOWN.length - 1 ? 'known' : '!']);
      expect(lines).toBe(6);
      expect(between).toBe(true);
    },
  );

  test('one in three reads, and the event after it', () => {
    const { seen } = readKnowing(['data', ': kno', 'wn\n\ndata: x\n\ndata: known\n\nda', 'ta: y\n\n']);
    expect(seen).toEqual(['!', 'x', '!', 'y']);
  });

  test('a line that begins like one, in an event of two lines, is not known', () => {
    expect(readKnowing([': a comment\nda', 'ta: known\n\n']).seen).toEqual(['known']);
    expect(readKnowing(['data: kno', 'wn\ndata: more\n\n']).seen).toEqual(['known\nmore']);
    expect(readKnowing(['data: kno', 'wn\r\n\r\n']).seen).toEqual(['known']);
  });

  test('a BOM after one is not at the start of the stream', () => {
    expect(readKnowing(['data: known\n\n\uFEFFdata: b\n\n']).seen).toEqual(['!']);
  });
});
