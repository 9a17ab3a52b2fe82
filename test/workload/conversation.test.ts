import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/dataset/model/session.ts';
import type { Following } from '../../src/scenario/keys/scenario.ts';
import { Conversation } from '../../src/workload/conversation.ts';
import type { Prompt } from '../../src/workload/prompt.ts';

const SYSTEM: Message = { role: 'system', content: 'S' };
const said = (content: string): Message => ({ role: 'assistant', content });
const asked = (content: string): Message => ({ role: 'user', content });
const CALL: Message = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
};
const RESULT: Message = { role: 'tool', tool_call_id: 'c1', content: '4' };
const messages = (...all: Message[]): Prompt => ({ kind: 'messages', messages: all });

interface Turn {
  own: Prompt;
  reference: string | Message | null;
  /** `null`: it failed. */
  answer: Message | null;
  isWhole?: boolean;
}

/** Returns the messages of each request. */
function requests(mode: Following['history'], turns: readonly Turn[]): unknown[] {
  const conversation = new Conversation(mode);
  const facts = turns.map(({ own, isWhole = false }) => ({
    isWhole,
    hasResults: own.kind === 'messages' && own.messages[0]!.role === 'tool',
  }));
  return turns.map((turn, k) => {
    const prompt = conversation.promptOf(turn.own, facts[k]!);
    if (k + 1 < turns.length) conversation.add(turn.own, turn, turn.answer, facts[k + 1]!);
    return prompt.kind === 'text' ? prompt.text : prompt.messages;
  });
}

const CHAT: Turn[] = [
  { own: messages(SYSTEM, asked('a')), reference: 'ra', answer: said('A') },
  { own: { kind: 'text', text: 'b' }, reference: 'rb', answer: said('B') },
  { own: { kind: 'text', text: 'c' }, reference: null, answer: said('C') },
];

describe('the history of a turn', () => {
  it('actual: the answers of this server, and the system prompt once', () => {
    expect(requests('actual', CHAT)).toEqual([
      [SYSTEM, asked('a')],
      [SYSTEM, asked('a'), said('A'), asked('b')],
      [SYSTEM, asked('a'), said('A'), asked('b'), said('B'), asked('c')],
    ]);
  });

  it('recorded: the answers of the data, the same whatever the server says', () => {
    const found = requests('recorded', CHAT);
    expect(found[2]).toEqual([SYSTEM, asked('a'), said('ra'), asked('b'), said('rb'), asked('c')]);
    expect(
      requests(
        'recorded',
        CHAT.map((turn) => ({ ...turn, answer: said('X') })),
      ),
    ).toEqual(found);
  });

  it('none: each turn alone', () => {
    expect(requests('none', CHAT)).toEqual([[SYSTEM, asked('a')], 'b', 'c']);
  });

  it.each(['actual', 'recorded'] as const)('%s: the recorded call precedes the results of tools', (mode) => {
    const turns: Turn[] = [
      { own: { kind: 'text', text: 'q' }, reference: CALL, answer: said('no call') },
      { own: messages(RESULT), reference: 'r', answer: said('R') },
      { own: { kind: 'text', text: 'next' }, reference: null, answer: said('N') },
    ];
    const found = requests(mode, turns);
    expect(found[1]).toEqual([asked('q'), CALL, RESULT]);
    expect(found[2]).toEqual([asked('q'), CALL, RESULT, said(mode === 'actual' ? 'R' : 'r'), asked('next')]);
    expect(requests('none', turns)[1]).toEqual([CALL, RESULT]);
  });

  it.each(['actual', 'recorded'] as const)(
    '%s: a tool call before a message of the user gets an empty result',
    (mode) => {
      const turns: Turn[] = [
        { own: { kind: 'text', text: 'q' }, reference: CALL, answer: CALL },
        { own: { kind: 'text', text: 'next' }, reference: null, answer: said('N') },
      ];
      const result = { role: 'tool', tool_call_id: 'c1', content: '' };
      expect(requests(mode, turns)[1]).toEqual([asked('q'), CALL, result, asked('next')]);
      expect(requests('none', turns)[1]).toBe('next');
    },
  );

  it('a turn that failed leaves nothing but its system prompt', () => {
    const turns = CHAT.map((turn, k) => (k === 0 ? { ...turn, answer: null } : turn));
    expect(requests('actual', turns)).toEqual([
      [SYSTEM, asked('a')],
      [SYSTEM, asked('b')],
      [SYSTEM, asked('b'), said('B'), asked('c')],
    ]);
  });

  it('a turn given by length is its whole request', () => {
    const whole = CHAT.map((turn) => Object.assign({}, turn, { isWhole: true }));
    expect(requests('actual', whole)[2]).toBe('c');
  });

  it('needs the text of an answer only for a next turn that repeats it', () => {
    const needs = (mode: Following['history'], next: { isWhole: boolean; hasResults: boolean }): boolean =>
      new Conversation(mode).needsAnswer(next);
    const plain = { isWhole: false, hasResults: false };
    expect([
      needs('actual', plain),
      needs('actual', { ...plain, isWhole: true }),
      needs('actual', { ...plain, hasResults: true }),
      needs('recorded', plain),
      needs('none', plain),
    ]).toEqual([true, false, false, false, false]);
  });
});
