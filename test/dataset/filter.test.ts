import { describe, expect, it } from 'vitest';
import { cleaned } from '../../src/dataset/filter/clean.ts';
import { Filter } from '../../src/dataset/filter/filter.ts';
import {
  type Defect,
  defectRule,
  languageRule,
  lengthRule,
  outlierRule,
  patternRule,
  type Rule,
  tagRule,
} from '../../src/dataset/filter/rules.ts';
import { outlierBounds } from '../../src/dataset/inspect/length-figures.ts';
import { EMPTY_TURN, type Session, type Turn } from '../../src/dataset/model/session.ts';
import { languageOf } from '../../src/dataset/text/language.ts';
import { withoutPersonalData } from '../../src/dataset/text/pii.ts';
import { specialTokens } from '../../src/dataset/text/special-tokens.ts';
import { WORDS } from '../../src/dataset/text/tokens.ts';
import { countWords } from '../../src/dataset/text/words.ts';

const sessionOf = (...turns: Partial<Turn>[]): Session => ({
  session: null,
  timestamp_ms: null,
  tags: {},
  turns: turns.map((turn) => Object.assign({}, EMPTY_TURN, turn)),
});
const asked = (content: unknown, reference: string | null = null): Session =>
  sessionOf({ messages: [{ role: 'user', content }], reference });
const matches = (rule: Rule, session: Session): boolean => rule.matches(session);

describe('defects', () => {
  it.each<[Defect, Session, Session]>([
    ['broken-unicode', asked('caf\ufffd'), asked('café')],
    ['broken-unicode', asked('half \ud83d'), asked('whole 🌊')],
    ['broken-unicode', asked('cafÃ©'), asked('SÃO')],
    ['html', asked('<p class="a">b</p>'), asked('a <c and d> b, List<T>, 1 < 2')],
    ['html', asked('a', 'b<br/>c'), asked('a', 'b')],
    ['special-tokens', asked('a<|im_end|>'), asked('a < b | c > d')],
    [
      'repetitive',
      asked('on and on '.repeat(20)),
      asked(Array.from({ length: 60 }, (_, k) => `w${k}`).join(' ')),
    ],
    [
      'copies-input',
      asked('Say: the harbour is closed today', 'The HARBOUR  is closed today'),
      asked('Is it closed?', 'It is closed today, yes.'),
    ],
    ['empty', asked(' \n'), asked([{ type: 'image_url', image_url: { url: 'x' } }])],
    ['empty', sessionOf({ messages: [] }), sessionOf({ input_tokens: 5 })],
    ['pii', asked('mail bob@example.org'), asked('at 10:15 on 2024-05-10, version 1.2.3, 12345678 items')],
  ])('%s', (defect, bad, good) => {
    expect(matches(defectRule(defect), bad)).toBe(true);
    expect(matches(defectRule(defect), good)).toBe(false);
  });
});

it.each([
  ['Write to a.b+c@mail.example.com.', 'Write to [EMAIL].'],
  // The published test numbers of ISO 13616 and of card networks.
  ['GB82 WEST 1234 5698 7654 32', '[IBAN]'],
  ['GB83WEST12345698765432', 'GB83WEST12345698765432'],
  ['card 4111 1111 1111 1111', 'card [CARD]'],
  ['not 4111 1111 1111 1112 34', 'not 4111 1111 1111 1112 34'],
  ['host 10.0.0.255, not 10.0.0.256', 'host [IP], not 10.0.0.256'],
  ['call +49 30 1234 5678', 'call [PHONE]'],
  ['ssn 123-45-6789', 'ssn [SSN]'],
  ['2024-05-10 and 3.14159', '2024-05-10 and 3.14159'],
])('personal data in %j', (text, expected) => {
  expect(withoutPersonalData(text)).toBe(expected);
});

it('lengths: all turns of a conversation, the longest turn given by length', () => {
  const chat = sessionOf(
    { messages: [{ role: 'user', content: 'one two' }], reference: 'three' },
    { messages: [{ role: 'user', content: 'four' }], output_tokens: 10 },
  );
  const trace = sessionOf({ input_tokens: 5, output_tokens: 1 }, { input_tokens: 3, output_tokens: 9 });
  for (const [rule, limit, session, expected] of [
    ['min-tokens', 3, chat, false],
    ['min-tokens', 4, chat, true],
    ['max-tokens', 3, chat, false],
    ['max-tokens', 2, chat, true],
    ['max-context', 14, chat, false],
    ['max-context', 13, chat, true],
    ['max-context', 12, trace, false],
    ['max-context', 11, trace, true],
  ] as const)
    expect(matches(lengthRule(rule, limit, WORDS), session), `${rule} ${limit}`).toBe(expected);
});

it('patterns, tags, languages and outliers', () => {
  expect(matches(patternRule(/tide/u, true), asked('The tide.'))).toBe(false);
  expect(matches(patternRule(/tide/u, true), asked('The boat.', 'No.'))).toBe(true);
  expect(matches(patternRule(/tide/u, false), asked('The boat.', 'Low tide.'))).toBe(true);
  const tagged = { ...asked('a'), tags: { source: 'x' } };
  expect(matches(tagRule('source', 'x'), tagged)).toBe(false);
  expect(matches(tagRule('source', 'y'), tagged)).toBe(true);
  expect(matches(languageRule(['de']), { ...asked('the of and'), tags: { language: 'de' } })).toBe(false);
  expect(matches(languageRule(['de']), asked('What is the depth of the harbour?'))).toBe(true);
  const bounds = outlierBounds([...Array.from({ length: 30 }, (_, k) => 100 + k), 1])!;
  expect(matches(outlierRule(bounds, WORDS), sessionOf({ input_tokens: 1 }))).toBe(true);
  expect(matches(outlierRule(bounds, WORDS), sessionOf({ input_tokens: 110 }))).toBe(false);
});

it('repairs', () => {
  const html = asked('<p>Fish &amp; chips</p><p>1 < 2</p>', 'a<br>b');
  expect(cleaned(html, 'html').turns[0]).toMatchObject({
    messages: [{ content: 'Fish & chips\n1 < 2\n' }],
    reference: 'a\nb',
  });
  expect(
    cleaned(asked('  keep  two   \r\n\n\n\nend\n'), 'whitespace').turns[0]!.messages![0]!['content'],
  ).toBe('  keep two\n\nend');
  const untouched = asked('plain');
  expect(cleaned(untouched, 'html')).toBe(untouched);
});

it('a filter repairs first, counts every rule and keeps three examples', () => {
  const filter = new Filter([defectRule('html'), lengthRule('min-tokens', 2, WORDS)], ['html']);
  const results = ['<b>one</b>', 'one two', 'x', 'y', 'z', 'a b'].map(
    (text) => filter.apply(asked(text)) !== null,
  );
  expect(results).toEqual([false, true, false, false, false, true]);
  expect(filter.document()).toEqual({
    sessions: 6,
    kept: 2,
    removed: 4,
    rules: [
      { rule: 'html', sessions: 0, examples: [] },
      { rule: 'min-tokens 2', sessions: 4, examples: ['one', 'x', 'y'] },
    ],
    cleaned: [{ rule: 'html', sessions: 1, examples: ['<b>one</b>'] }],
  });
});

it('the examples of a filter have no personal data, also where it would be cut', () => {
  const filter = new Filter([defectRule('pii')], ['pii']);
  filter.apply(asked('jane.doe@example.com asks'));
  filter.apply(asked(`${'x'.repeat(70)} jane.doe@example.com asks`));
  expect(filter.document().cleaned[0]!.examples).toEqual(['[EMAIL] asks', `${'x'.repeat(70)} [EMAIL] a…`]);
});

it.each([
  ['What is the depth of the harbour in metres?', 'en'],
  ['Wie tief ist der Hafen bei Ebbe und bei Flut?', 'de'],
  ['Quelle est la profondeur du port, et pour qui ?', 'fr'],
  ['¿Cómo se escribe una carta para los del puerto?', 'es'],
  ['港口有多深？', 'zh'],
  ['港の深さはどれくらいですか', 'ja'],
  ['항구의 깊이는 얼마입니까', 'ko'],
  ['Какова глубина гавани?', 'ru'],
  ['Яка глибина гавані?', 'uk'],
  ['12345', 'und'],
])('the language of %j is %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});

it('special tokens are those of chat templates', () => {
  expect([...specialTokens('[INST] a [/INST]</s> <|eot_id|> <|im_start|>')]).toEqual([
    '[INST]',
    '[/INST]',
    '</s>',
    '<|eot_id|>',
    '<|im_start|>',
  ]);
  expect([...specialTokens('a < b, [1], x<y>, <|')]).toEqual([]);
});

it('words are separated by Unicode white space', () => {
  expect(
    ['', ' ', 'a', 'a b', '\u00a0a\u3000b\u0085c\u2029', 'a\ufeffb', 'a\u200bb'].map(countWords),
  ).toEqual([0, 0, 1, 2, 3, 1, 1]);
});
