import { expect, it } from 'vitest';
import { EMPTY_TURN, type Turn } from '../../../src/dataset/model/session.ts';
import { conversationText, judgeQuestion, ratingIn } from '../../../src/dataset/verify/rubric.ts';
import { problemOf } from '../../../src/dataset/verify/sendable.ts';

const session = (...turns: Partial<Turn>[]) => ({
  session: null,
  timestamp_ms: null,
  tags: {},
  turns: turns.map((turn) => Object.assign({}, EMPTY_TURN, turn)),
});
const user = (content: unknown) => [{ role: 'user', content }];

it.each([
  ['score: 4\nreason: clear', 4, 'clear'],
  ['**Score:** 5/5\nReason: "fine"', 5, '"fine"'],
  ['Criteria score 1 to 5. I think…\nscore = 2', 2, ''],
  ['Score: 4.\nReason: a score 1 would be unfair', 4, 'a score 1 would be unfair'],
  ['{"score": 3, "reason": "fine"}', 3, 'fine'],
  ['```json\n{ "reason": "a {b}", "score": "2" }\n```', 2, 'a {b}'],
  ['{"score": 9, "reason": "fine"}', null, ''],
  ['{"score": 3', 3, ''],
  ['{"score": true, "reason": "fine"}', null, ''],
  ['{"score": 1e999}', null, ''],
  ['{"score": 4, "reason": ["fine"]}', 4, ''],
  ['3', 3, ''],
  ['3. A fair record', null, ''],
  ['score: 4.5', null, ''],
  ['score: 7', null, ''],
  ['score: 45', null, ''],
  ['I cannot judge 5 records', null, ''],
  ['', null, ''],
])('the rating in %j', (answer, score, reason) => {
  expect(ratingIn(answer)).toEqual(score === null ? null : { score, reason });
});

it('the question has rubric and record in one order, then in the other', () => {
  const text = conversationText(
    session({ messages: user('Where?'), reference: 'Here.' }, { messages: user('When?') }),
  )!;
  expect(text).toBe('[user]\nWhere?\n\n[assistant]\nHere.\n\n[user]\nWhen?');
  expect(conversationText(session({ input_tokens: 5 }))).toBeNull();
  const positions = ([1, 2] as const).map((pass) => {
    const question = judgeQuestion(text, 'RUBRIC', 'MARK', pass);
    expect(question).toContain(`\nMARK\n${text}\nMARK`);
    return question.indexOf('RUBRIC') < question.indexOf(text);
  });
  expect(positions).toEqual([true, false]);
});

it.each([
  [session({ messages: user('Hi') }), null],
  [session({ messages: user([{ type: 'image_url', image_url: { url: 'data:' } }]) }), null],
  [session({ messages: [{ role: 'assistant', tool_calls: [] }] }), null],
  [session({ input_tokens: 5 }), null],
  [session({ input_tokens: 5, output_tokens: 0, tags: { failed: 'true' } }), null],
  [session({ messages: user('Hi') }, { messages: user(' \n') }), /turn 1.*text/],
  [session({ messages: user([{ type: 'text', text: '' }]) }), /text/],
  [session({ messages: [] }), /text/],
  [session({ messages: [{ role: 'bot', content: 'Hi' }] }), /role "bot"/],
  [session({ messages: user('Hi'), output_tokens: 0 }), /0 output/],
  [session({ input_tokens: 0 }), /input tokens/],
])('what cannot be sent has a reason: %#', (given, reason) => {
  const problem = problemOf(given);
  if (reason === null) expect(problem).toBeNull();
  else expect(problem).toMatch(reason);
});
