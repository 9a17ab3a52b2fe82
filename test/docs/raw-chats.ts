import { randomStream } from '../../src/random.ts';

interface Chat {
  id: string;
  conversations: { from: 'human' | 'gpt'; value: string }[];
}

const WORDS =
  `anchor barrel candle desert engine forest garden harbour island jacket kettle ladder mirror needle orchard paper
quarry river saddle timber umbrella valley window yellow bridge copper dragon eagle falcon granite hammer iron jungle kingdom
lantern marble nickel ocean planet quartz rocket silver tunnel uniform velvet winter cotton dollar empire feather`.split(
    /\s+/,
  );

/** The numbers of sessions that `rawChats` plants, by what is wrong with them. */
export const PLANTED = {
  near: 5,
  'language en': 3,
  html: 1,
  'special-tokens': 1,
  repetitive: 1,
  'copies-input': 1,
  empty: 1,
};

/** The address in the first conversation. */
export const ADDRESS = 'jane.doe@example.com';

/** Returns conversations in the format ShareGPT: English ones of 1 to 3 turns and different lengths, then those that `PLANTED` counts. */
export function rawChats(good: number): Chat[] {
  const random = randomStream(7, 'raw chats');
  const word = (): string => WORDS[random.below(WORDS.length)]!;
  const sentence = (): string =>
    `The ${word()} of the ${word()} is in a ${word()} and we have to ${word()} it.`;
  const text = (sentences: number): string => Array.from({ length: sentences }, sentence).join(' ');
  const one = (id: string, question: string, answer = sentence()): Chat => ({
    id,
    conversations: [
      { from: 'human', value: question },
      { from: 'gpt', value: answer },
    ],
  });
  const chats = Array.from({ length: good }, (_, k): Chat => {
    const turns = Array.from({ length: 1 + (k % 3) }, () =>
      one('', `${text(2 ** (k % 5))} How does that work?`, text(1 + (k % 4))),
    );
    return { id: `chat-${k}`, conversations: turns.flatMap(({ conversations }) => conversations) };
  });
  const repeated = (k: number, ending: string): Chat => ({
    id: `again-${k}`,
    conversations: chats[k]!.conversations.map(({ from, value }, at) => ({
      from,
      value: at === 0 ? value + ending : value.toUpperCase(),
    })),
  });
  const planted = [
    // Three differ in upper case and white space; two have 4 words more than about 250.
    ...[4, 9, 14].map((k) => repeated(k, ' \n')),
    ...[19, 24].map((k) => repeated(k, ' Thank you very much.')),
    ...[1, 2].map((k) =>
      one(`german-${k}`, `Was ist der ${word()}, und warum ist das nicht die ${word()}, die wir haben?`),
    ),
    one('html', `<div class="q">${text(1)}</div>`),
    one('leak', `<|im_start|>user ${text(1)}<|im_end|>`),
    one('loop', 'What is in the garden?', 'It is in the garden and '.repeat(20)),
    one(
      'copy',
      `${text(2)} Repeat: the lantern is in the garden of the king.`,
      'the lantern is in the garden of the king.',
    ),
    // Without a text, its language is not English either.
    one('empty', ''),
  ];
  chats[0]!.conversations[0]!.value += ` Write to ${ADDRESS}.`;
  return [...chats, ...planted];
}
