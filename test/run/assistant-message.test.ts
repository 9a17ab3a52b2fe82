import { expect, it } from 'vitest';
import { assistantMessage } from '../../src/run/assistant-message.ts';

const call = (name: string, written: string): unknown => ({ index: 0, name, arguments: written });

it('an answer without calls is its text', () => {
  expect(assistantMessage({ text: 'hello' }, 3)).toEqual({ role: 'assistant', content: 'hello' });
  expect(assistantMessage({}, 0)).toEqual({ role: 'assistant', content: '' });
});

it('the calls of an answer have ids that differ within a session, of nine letters and digits', () => {
  const answers = [0, 1, 12].map((turn) =>
    assistantMessage({ text: '', tool_calls: [call('f', '{}'), call('g', '{}')] }, turn),
  );
  const ids = answers.flatMap(({ tool_calls }) => (tool_calls as { id: string }[]).map(({ id }) => id));
  expect(new Set(ids).size).toBe(6);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
  expect(answers[0]!['content']).toBeNull();
});

it.each([
  ['{"city": "Bern"}', '{"city": "Bern"}'],
  ['', '{}'],
  ['{"city": "Be', '{"text":"{\\"city\\": \\"Be"}'],
  ['[1]', '{"text":"[1]"}'],
  ['null', '{"text":"null"}'],
])('arguments %j are sent as a JSON object', (written, sent) => {
  const { tool_calls } = assistantMessage({ text: 'x', tool_calls: [call('f', written)] }, 0);
  expect(tool_calls).toMatchObject([{ function: { name: 'f', arguments: sent } }]);
  expect(JSON.parse(sent)).toBeTypeOf('object');
});
