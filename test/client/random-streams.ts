import type { Random } from '../../src/random.ts';

/** Returns the raw JSON of one value for event `i`. */
type Value = (i: number) => string;
type Member = readonly [key: string, value: Value];

export interface RandomStreams {
  api: 'chat' | 'completions';
  /** Events per stream; streams of one endpoint are similar. */
  streams: Buffer[][];
}

const TEXTS = [
  ' the',
  ' quick',
  'a',
  '',
  '',
  ' ',
  '\\n',
  '\\"',
  '\\\\',
  '\\u00e9',
  '\\ud83d\\ude00',
  'é',
  '日本',
  '😀',
  '\u007F',
  '\\"content\\":\\"',
  '{',
  '}]',
  'data: ',
  '\\n\\n',
  ' a longer piece of text that says nothing',
  '[DONE]',
  '\uFFFD',
];
/** Not valid in JSON. */
const BAD_TEXTS = ['\\x41', '\\u12', '\\u12g4', '\\uu123', '\t', '\u0001'];
const ODD_NUMBERS = [
  '0',
  '-1',
  '1.5',
  '1e2',
  '-0',
  '1234567890123456789',
  '01',
  '007',
  '',
  'null',
  '"3"',
  '999999999999999',
  '[1]',
  '{}',
];

/**
 * Generates the events of a few streams, regular and irregular: keys in any order, repeated, or in strange places;
 * texts that vary together or separately; counts that are not counts; ids that differ by stream, by event, or not at
 * all.
 */
export function randomStreams(random: Random, count: number): RandomStreams {
  const chance = (percent: number): boolean => random.below(100) < percent;
  /** Two of five streams are regular; the others have one or two oddities, some many. */
  const strangeness = [0, 0, 1, 1, 4][random.below(5)]!;
  const odd = (percent: number): boolean => strangeness > 0 && chance((percent * strangeness) / 2);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const constant =
    (raw: string): Value =>
    () =>
      raw;
  /** Returns one of `regular`, or for an odd stream one of `odd`. */
  const choose = <T>(usual: readonly T[], strange: readonly T[]): T =>
    odd(10) ? pick(strange) : pick(usual);
  const text: Value = () => `"${pick(TEXTS)}"`;
  const bad: Value = () => `"${pick(BAD_TEXTS)}"`;
  const spoken: Value = () => `"${pick(TEXTS)}${pick(TEXTS)}x"`;
  const number: Value = () => String(random.below(1000));
  const turning = random.below(count);
  const shuffled = (members: Member[]): Member[] =>
    !odd(50)
      ? members
      : members
          .map((member) => ({ member, at: random.below(1000) }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ member }) => member);
  const colon = pick([':', ':', ': ']);
  const comma = pick([',', ',', ', ']);
  const object = (members: Member[]): Value => {
    // Repeats the key, with the same or another value.
    if (odd(10) && members.length > 0) {
      const again = pick(members);
      members.splice(random.below(members.length + 1), 0, [
        again[0],
        chance(50) ? again[1] : pick([text, number, constant('null'), constant('""'), constant('{}')]),
      ]);
    }
    return (i) => {
      let raw = '{';
      for (let k = 0; k < members.length; k++)
        raw += `${k === 0 ? '' : comma}"${members[k]![0]}"${colon}${members[k]![1](i)}`;
      return `${raw}}`;
    };
  };
  const array =
    (value: Value): Value =>
    (i) =>
      `[${value(i)}]`;
  /** Returns the first value most of the time, else another. */
  const rarely =
    (usual: Value, other: Value, percent: number): Value =>
    (i) =>
      (chance(percent) ? other : usual)(i);

  const usage = (): Value => {
    const counted: Value = (i) => String(i + 1);
    const members: Member[] = [
      ['prompt_tokens', choose([constant('12')], [constant('0'), number])],
      [
        'completion_tokens',
        choose([counted], [number, constant('0'), rarely(counted, () => pick(ODD_NUMBERS), 5)]),
      ],
      ['total_tokens', choose([(i) => String(i + 13)], [number, constant('null')])],
    ];
    if (chance(30))
      members.push(['prompt_tokens_details', object([['cached_tokens', pick([constant('3'), number])]])]);
    if (chance(30))
      members.push([
        'completion_tokens_details',
        object([['reasoning_tokens', pick([constant('0'), counted, number])]]),
      ]);
    return pick([object(shuffled(members)), object(members), constant('null')]);
  };

  let last = '""';
  const main: Value = () => (last = text(0));
  const mirror: Value = () => last;
  const before =
    (value: Value): Value =>
    (i) =>
      i < turning ? value(i) : '""';
  const after =
    (value: Value): Value =>
    (i) =>
      i < turning ? '""' : value(i);
  const textValue = (): Value =>
    choose(
      [main, text, spoken, mirror, before(text), after(text), constant('null'), constant('""')],
      [constant('"x"'), rarely(text, constant('null'), 10), rarely(text, bad, 5)],
    );
  const call = object([
    ['index', constant('0')],
    ['id', constant('"c1"')],
    [
      'function',
      object([
        ['name', pick([constant('""'), constant('"f"')])],
        ['arguments', pick([text, constant('""')])],
      ]),
    ],
  ]);

  const api = chance(75) ? 'chat' : 'completions';
  const delta: Member[] = [];
  if (chance(30)) delta.push(['role', constant('"assistant"')]);
  if (chance(85))
    delta.push([
      'content',
      choose([main, main, textValue()], [rarely(main, bad, 5), rarely(main, constant('null'), 10)]),
    ]);
  if (chance(25)) delta.push(['reasoning_content', textValue()]);
  if (chance(20)) delta.push(['reasoning', textValue()]);
  // A text that a repeated key overrides, which only the proof of the holes detects.
  if (odd(8)) delta.push(['reasoning', spoken], ['content', text], ['content', constant('""')]);
  if (odd(25)) delta.push(['refusal', pick([constant('null'), constant('""'), text])]);
  if (odd(10)) delta.push(['tool_calls', pick([constant('null'), constant('[]'), array(call)])]);
  if (odd(5))
    delta.push([
      'reasoning_details',
      array(
        object([
          ['type', constant('"t"')],
          [pick(['text', 'summary']), text],
        ]),
      ),
    ]);
  if (odd(5))
    delta.push([
      'function_call',
      pick([
        constant('null'),
        object([
          ['name', text],
          ['arguments', text],
        ]),
      ]),
    ]);
  if (odd(5)) delta.push(['audio', pick([constant('null'), object([['data', text]])])]);
  if (odd(5)) delta.push(['token_id', number]);
  if (odd(5)) delta.push(['usage', usage()]);
  if (odd(3)) delta.push(['content.part', text]);

  const choice: Member[] = [];
  if (chance(90)) choice.push(['index', choose([constant('0'), constant('0')], [constant('1'), number])]);
  if (api === 'completions') choice.push(['text', pick([main, main, textValue()])]);
  // Read as a text by chat only before other output.
  const isBare = api === 'chat' && odd(15);
  if (isBare) choice.push(['text', pick([main, textValue()])]);
  if (api === 'chat' ? !isBare || chance(20) : chance(15))
    choice.push(['delta', choose([object(shuffled(delta)), object(delta)], [constant('null')])]);
  if (odd(5)) choice.push(['message', object([['content', text]])]);
  if (chance(40))
    choice.push([
      'logprobs',
      choose(
        [constant('null')],
        [
          object([
            [
              'content',
              array(
                object([
                  ['token', text],
                  ['logprob', constant('-0.5')],
                ]),
              ),
            ],
          ]),
        ],
      ),
    ]);
  if (chance(80))
    choice.push([
      'finish_reason',
      choose(
        [constant('null'), constant('""')],
        [rarely(constant('null'), constant('"stop"'), 2), constant('"stop"')],
      ),
    ]);
  if (chance(15))
    choice.push([
      pick(['token_ids', 'output_ids']),
      choose(
        [array(number), constant('[]')],
        [constant('[1,2]'), rarely(array(number), constant('[1,2]'), 10)],
      ),
    ]);
  if (chance(5)) choice.push(['usage', usage()]);
  if (chance(20)) choice.push(['stop_reason', constant('null')]);
  const choices = object(shuffled(choice));

  /** Properties of the current stream. */
  let stream = 0;
  const perStream =
    (value: Value): Value =>
    () =>
      value(stream);
  const top: Member[] = [
    [
      'id',
      choose(
        [
          constant('"chatcmpl-123"'),
          perStream((k) => `"chatcmpl-${'abc'.repeat(k)}"`),
          perStream((k) => `"chatcmpl-${10 + k}"`),
        ],
        [perStream((k) => TEXTS.map((one) => `"${one}"`)[k]!), text, rarely(text, bad, 5), perStream(String)],
      ),
    ],
  ];
  if (chance(20))
    top.push(['system_fingerprint', pick([constant('"fp"'), perStream((k) => `"fp_${k}"`), text])]);
  if (chance(80))
    top.push([
      'object',
      choose(
        [constant('"chat.completion.chunk"')],
        [
          rarely(constant('"chunk"'), constant('"error"'), 1),
          rarely(
            perStream((k) => `"chunk${k}"`),
            constant('"error"'),
            1,
          ),
        ],
      ),
    ]);
  if (chance(70))
    top.push([
      'created',
      choose(
        [
          constant('1700000000'),
          perStream((k) => String(1_700_000_000 + k)),
          (i) => String(1_700_000_000 + (i >> 2)),
          number,
        ],
        [rarely(number, () => pick(ODD_NUMBERS), 5)],
      ),
    ]);
  if (chance(70))
    top.push(['model', choose([constant('"m"'), constant('"m\\",\\"content\\":\\"x"')], [text])]);
  top.push(['choices', choose([array(choices), array(choices)], [(i) => `[${choices(i)},${choices(i)}]`])]);
  if (chance(40)) top.push(['usage', usage()]);
  if (chance(15)) top.push([pick(['obfuscation', 'p']), text]);
  if (odd(10)) top.push(['content', text]);
  if (odd(15))
    top.push([
      'error',
      pick([constant('null'), constant('""'), rarely(constant('null'), constant('{"message":"m"}'), 2)]),
    ]);
  if (odd(5))
    top.push([
      'type',
      pick([
        constant('"x"'),
        rarely(constant('"x"'), constant('"error"'), 2),
        rarely(text, constant('"error"'), 2),
      ]),
    ]);
  if (odd(5)) top.push(['x_groq', object([['usage', usage()]])]);
  if (odd(3)) top.push(['usage.completion_tokens', number]);
  if (odd(3)) top.push(['__proto__', object([['content', text]])]);
  const payload = object(shuffled(top));

  const end = choose(['\n'], ['\n', '\n', '\r\n', '\r']);
  const field = choose(['data: '], ['data: ', 'data: ', 'data:', 'id: 1\ndata: ']).replace('\n', end);
  const eventsOf = (): Buffer[] => {
    const events = Array.from({ length: count }, (_, i) => Buffer.from(`${field}${payload(i)}${end}${end}`));
    const insert = (at: number, line: string): void =>
      void events.splice(at, 0, Buffer.from(`${line}${end}${end}`));
    if (chance(20)) insert(random.below(count), ': keep-alive');
    if (odd(5)) insert(random.below(count), `event: error${end}: said in a comment`);
    // An event with two data lines, which is not JSON.
    if (odd(5)) insert(random.below(count), `data: ${payload(0)}${end}data: ${payload(1)}`);
    if (chance(30)) insert(0, 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}');
    if (chance(60))
      insert(
        odd(40) ? random.below(count) : events.length,
        'data: {"choices":[{"index":0,"delta":{},"text":"","finish_reason":"stop"}]}',
      );
    if (chance(40))
      insert(
        odd(40) ? random.below(count) : events.length,
        'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9}}',
      );
    if (chance(50)) insert(events.length, 'data: [DONE]');
    return events;
  };
  const streams: Buffer[][] = [];
  const siblings = 1 + random.below(4);
  for (; stream < siblings; stream++) streams.push(eventsOf());
  return { api, streams };
}
