import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedAnswer } from '../../src/ask/question-client.ts';
import { EMPTY_TURN, type Session } from '../../src/dataset/model/session.ts';
import { AskingAbout } from '../../src/synth/asking.ts';
import { Journal } from '../../src/synth/journal.ts';
import type { JournalEntry } from '../../src/synth/journal-json.ts';
import { backTranslate, instruct, languageName, paraphrase } from '../../src/synth/rewrite.ts';
import type { Result } from '../../src/errors.ts';

const chat: Session = {
  session: 'c7',
  timestamp_ms: 3,
  tags: { source: 'a.jsonl', language: 'fr' },
  turns: [
    {
      ...EMPTY_TURN,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Bonjour.' },
      ],
      reference: 'Salut.',
    },
    { ...EMPTY_TURN, messages: [{ role: 'user', content: [{ type: 'text', text: 'Pourquoi ?' }] }] },
  ],
};

/** Asks with these answers, and keeps the questions. */
function asking(...answers: (Partial<ReceivedAnswer> | string | { refused: string })[]) {
  const questions: { text: string; maxTokens: number }[] = [];
  const client = {
    async ask(question: { text: string; maxTokens: number }): Promise<Result<ReceivedAnswer>> {
      questions.push(question);
      const next = answers.shift() ?? 'none left';
      if (typeof next === 'object' && 'refused' in next) return { ok: false, problem: next.refused };
      const answer = typeof next === 'string' ? { text: next } : next;
      return {
        ok: true,
        value: { text: '', finish: 'stop', input_tokens: 10, output_tokens: 2, ...answer },
      };
    },
  };
  return { questions, client: new AskingAbout(client, { acceptsCut: false }) };
}

describe('making sessions by asking', () => {
  it('paraphrases replace the texts of the user, and keep everything else and the id of the parent', async () => {
    const { questions, client } = asking('Salut !', 'Comment ça ?', 'Coucou.', 'Et pourquoi ?');
    const made = await client.about(chat, 'c7', paraphrase(2));
    expect(made).toMatchObject({ problem: null, questions: 4, input_tokens: 40, output_tokens: 8 });
    expect(made.sessions).toHaveLength(2);
    expect(made.sessions[1]).toEqual({
      session: 'c7-2',
      timestamp_ms: 3,
      tags: { source: 'a.jsonl', language: 'fr', parent: 'c7' },
      turns: [
        {
          ...chat.turns[0],
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Coucou.' },
          ],
        },
        { ...EMPTY_TURN, messages: [{ role: 'user', content: [{ type: 'text', text: 'Et pourquoi ?' }] }] },
      ],
    });
    expect(questions.map(({ text }) => /<text>\n(.*)\n<\/text>/.exec(text)![1])).toEqual([
      'Bonjour.',
      'Pourquoi ?',
      'Bonjour.',
      'Pourquoi ?',
    ]);
  });

  it('a paraphrase that repeats the text or an earlier one is dropped', async () => {
    const { client } = asking('BONJOUR. ', 'pourquoi ?', 'Salut !', 'Ah ?', 'salut !', 'ah ?');
    const made = await client.about(chat, 'c7', paraphrase(3));
    expect(made.sessions.map(({ session }) => session)).toEqual(['c7-2']);
    const none = asking('Bonjour.', 'Pourquoi ?');
    expect(await none.client.about(chat, 'c7', paraphrase(1))).toMatchObject({
      sessions: [],
      problem: expect.stringContaining('repeats') as string,
    });
  });

  it('a translation is translated back into the language of the text', async () => {
    const { questions, client } = asking('Hallo.', 'Salut.', 'Warum?', 'Mais pourquoi ?');
    const made = await client.about(chat, 'c7', backTranslate('de'));
    expect(questions.map(({ text }) => /into (\w+)\./.exec(text)![1])).toEqual([
      'German',
      'French',
      'German',
      'French',
    ]);
    expect(questions[1]!.text).toContain('<text>\nHallo.\n</text>');
    expect(made.sessions[0]!.turns[1]!.messages![0]!['content']).toEqual([
      { type: 'text', text: 'Mais pourquoi ?' },
    ]);
    expect((await asking().client.about(chat, 'c7', backTranslate('French'))).problem).toContain('French');
    expect([languageName('pt-BR'), languageName('Klingon')]).toEqual(['Brazilian Portuguese', 'Klingon']);
  });

  it('nothing is asked about a session without text', async () => {
    const { questions, client } = asking();
    for (const turn of [
      { ...EMPTY_TURN, input_tokens: 9 },
      { ...EMPTY_TURN, messages: [{ role: 'user', content: ' ' }] },
    ])
      expect(await client.about({ ...chat, turns: [turn] }, 'c7', instruct)).toMatchObject({
        sessions: [],
        problem: expect.stringContaining('no text') as string,
      });
    expect(questions).toEqual([]);
  });

  it('an instruction follows its document', async () => {
    const { client } = asking('<think>hm</think>\nSummarise it.');
    const made = await client.about(chat, 'c7', instruct);
    expect(made.sessions[0]!.turns).toEqual([
      {
        ...EMPTY_TURN,
        messages: [{ role: 'user', content: 'Be brief.\n\nBonjour.\n\nPourquoi ?\n\nSummarise it.' }],
      },
    ]);
  });

  it.each([
    [{ refused: 'HTTP 400: too long' }, /too long/, 0],
    [{ text: 'half of', finish: 'length' }, /cut at \d+ tokens/, 10],
    [{ text: '<think>hm</think> ' }, /empty/, 10],
    [{ text: 'x', input_tokens: null, finish: 'length' }, /cut/, null],
  ])('%j makes nothing, and says why and what it cost', async (answer, problem, tokens) => {
    const { client } = asking(answer);
    const made = await client.about(chat, 'c7', instruct);
    expect(made).toMatchObject({ sessions: [], questions: 1, input_tokens: tokens });
    expect(made.problem).toMatch(problem);
    expect(client.cost.input_tokens).toBe(tokens);
  });
});

describe('the journal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goodput-journal-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const entry = (record: number): JournalEntry => ({
    record,
    digest: `d${record}`,
    sessions: [{ ...chat, session: `é${record}` }],
    problem: null,
    questions: 1,
    input_tokens: 1,
    output_tokens: 1,
  });

  it('continues after a cut, and yields all entries in the order of the records', async () => {
    const path = join(folder, 'a.partial');
    const first = await Journal.open(path, { paraphrase: 2 });
    await Promise.all([5, 1, 3].map((record) => first.add(entry(record))));
    await first.close();
    await appendFile(path, '{"record":4,"digest":"d4","sess');
    const second = await Journal.open(path, { paraphrase: 2 });
    expect([1, 3, 4, 5].map((record) => second.digestOf(record))).toEqual(['d1', 'd3', null, 'd5']);
    await second.add(entry(4));
    await second.close();
    const third = await Journal.open(path, { paraphrase: 2 });
    const found: JournalEntry[] = [];
    for await (const each of third.entries()) found.push(each);
    expect(found).toEqual([1, 3, 4, 5].map(entry));
    await third.remove();
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('of another command is an error', async () => {
    const path = join(folder, 'b.partial');
    const journal = await Journal.open(path, { paraphrase: 2, model: null });
    await journal.add(entry(0));
    await journal.close();
    await expect(Journal.open(path, { paraphrase: 3, model: null })).rejects.toThrow(/paraphrase is 2; .* 3/);
    await expect(Journal.open(path, { instruct: true })).rejects.toThrow(/b\.partial.*another command/);
    await writeFile(path, 'something else\n');
    await expect(Journal.open(path, {})).rejects.toThrow(/b\.partial:1: .*JSON/);
  });

  it('without a record is removed', async () => {
    const path = join(folder, 'c.partial');
    await (await Journal.open(path, {})).close();
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });
});
