import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { VerifyDocument } from '../../src/dataset/verify/verification.ts';
import { type AnsweringServer, answeringServer, type Scripted } from '../ask/answering-server.ts';
import { wordLevel } from '../tokenize/tokenizers.ts';
import { data, FIXTURES, lines, scratchFolder } from './data-folder.ts';

const { path: at, records } = scratchFolder();

async function verified(...args: string[]): Promise<{ code: number; document: VerifyDocument }> {
  const { code, out } = await data('verify', ...args, '--json', '--quiet');
  return { code, document: JSON.parse(out) as VerifyDocument };
}

const ruleOf = ({ rules }: VerifyDocument, name: string) => rules.find(({ rule }) => rule === name);

/** Texts that are neither duplicates nor in one cell. */
const VARIED = [
  { prompt: 'one two three four', reference: 'Yes.' },
  { prompt: 'five', reference: 'No.' },
  { prompt: 'six seven eight nine ten eleven twelve thirteen', reference: 'Perhaps.' },
];

describe('rules', () => {
  it('a data set that meets them passes, with six quality marks', async () => {
    const source = await records('good.jsonl', ...VARIED);
    const { code, document } = await verified(source, '--licence', 'CC0-1.0');
    expect(code).toBe(0);
    expect(document).toMatchObject({ pass: true, records: 3, sessions: 3, profile: null, judge: null });
    expect(document.rules.map(({ rule, pass }) => [rule, pass])).toEqual([
      ['schema', true],
      ['duplicates', true],
      ['coverage', true],
      ['licence', true],
    ]);
    expect(Object.keys(document.quality)).toHaveLength(6);
    expect(document.quality).toMatchObject({
      relevance: 'not measured',
      fitness: 'not measured',
      compliance: expect.stringMatching(/CC0-1\.0.*0 of 3/) as string,
    });
  });

  it('every bad record is counted, with the places of the first', async () => {
    const text = [
      '{"prompt": "one two three four"}',
      '{broken',
      '{"prompt": 5}',
      '{"prompt": ""}',
      '{"prompt": "five"}',
    ];
    await writeFile(at('bad.jsonl'), text.join('\n'));
    const { code, document } = await verified(at('bad.jsonl'), '--licence', 'x');
    expect(code).toBe(99);
    expect(document).toMatchObject({ pass: false, records: 5, sessions: 3 });
    expect(ruleOf(document, 'schema')).toMatchObject({
      pass: false,
      value: 3,
      examples: [
        expect.stringMatching(/bad\.jsonl:2: .*JSON/),
        expect.stringMatching(/bad\.jsonl:3: .*prompt/),
        expect.stringMatching(/record 1: .*text/),
      ],
    });
  });

  it('a mistake that ends the reading of a file is a finding too; a missing file is bad input', async () => {
    await writeFile(at('open.csv'), 'prompt\none two three four\nfive\n"never closed\n');
    const { code, document } = await verified(at('open.csv'), '--licence', 'x');
    expect(code).toBe(99);
    expect(ruleOf(document, 'schema')).toMatchObject({
      value: 1,
      examples: [expect.stringMatching(/open\.csv:4: /)],
    });
    expect((await data('verify', at('missing.jsonl'))).code).toBe(104);
  });

  it('records without a user message cannot be sent', async () => {
    const { document } = await verified(join(FIXTURES, 'sharegpt.json'), '--licence', 'x');
    expect(document).toMatchObject({ records: 7, skipped: 2 });
    expect(ruleOf(document, 'schema')).toMatchObject({ pass: false, value: 2 });
  });

  it('lengths, duplicates and coverage by their limits', async () => {
    const source = await records(
      'l.jsonl',
      ...['alpha beta', 'Alpha  beta', 'a b c d e f g h', 'x y z'].map((prompt) => ({
        prompt,
        tags: { language: 'en' },
      })),
    );
    const { document } = await verified(source, '--min-tokens', '3', '--max-tokens', '8', '--licence', 'x');
    // Two of 2 words; one of four repeats; 2, 2 and 3 words are one cell.
    expect(ruleOf(document, 'min-tokens 3')).toMatchObject({ pass: false, value: 2 });
    expect(ruleOf(document, 'max-tokens 8')).toMatchObject({ pass: true, value: 0 });
    expect(ruleOf(document, 'duplicates')).toMatchObject({ pass: false, value: 0.25, limit: 0.05 });
    expect(ruleOf(document, 'coverage')).toMatchObject({ pass: false, value: 0.75, limit: 0.5 });
    const limits = ['--max-duplicates', '25%', '--max-cell', '75%', '--licence', 'x'];
    expect((await verified(source, ...limits)).code).toBe(0);
    await writeFile(at('tokenizer.json'), JSON.stringify(wordLevel(['alpha'])));
    expect((await verified(source, '--tokenizer', at('tokenizer.json'))).document.unit).toBe('tokens');
  });

  it('the licence is that of the manifest, else of --licence', async () => {
    const source = await records('m.jsonl', ...VARIED);
    const without = await verified(source);
    expect(without.code).toBe(99);
    expect(ruleOf(without.document, 'licence')).toMatchObject({ pass: false, value: 1 });
    await data('convert', source, '--licence', 'MIT', '-o', at('m1.jsonl'));
    expect(ruleOf((await verified(at('m1.jsonl'))).document, 'licence')).toMatchObject({
      pass: true,
      found: 'MIT',
    });
  });

  it('a profile that the lengths do not have fails the data set', async () => {
    const source = await records('p.jsonl', ...VARIED, ...VARIED, ...VARIED, ...VARIED);
    const { code, document } = await verified(source, '--profile', 'azure-2023-conv');
    expect(code).toBe(99);
    expect(document.profile).toMatchObject({ name: 'azure-2023-conv', input: { count: 12 } });
    const { least_distance, critical } = document.profile!.input!;
    expect(ruleOf(document, 'profile input')).toMatchObject({
      pass: false,
      value: least_distance,
      limit: critical,
    });
    const prompts = await records('n.jsonl', { prompt: 'a' });
    const none = await verified(prompts, '--profile', 'azure-2023-conv');
    expect(ruleOf(none.document, 'profile output')).toMatchObject({ pass: false, value: null });
  });

  it('the text has a line for each rule and mark, and fits 80 columns', async () => {
    const source = await records('t.jsonl', ...VARIED, { prompt: 'five' });
    const { code, out } = await data('verify', source, '--profile', 'azure-2023-conv', '--min-tokens', '2');
    expect(code).toBe(99);
    expect(out).toMatch(/^FAIL {2}min-tokens 2: /m);
    expect(out).toMatch(/^pass {2}coverage: .*50%/m);
    expect(out).toMatch(/--tokenizer/);
    expect(out).toMatch(/^Relevance +not measured$/m);
    expect(out).toMatch(/FAIL: \d rules of 7$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    [['--profile', 'azure'], /azure-2023-conv/],
    [['--profile', 'servegen-m-mid'], /arrivals/],
    [['--max-duplicates', '2'], /--max-duplicates/],
    [['--endpoint', 'http://127.0.0.1:9/v1', '--model', 'm'], /--endpoint.*--judge[^]*--model/],
    [['--min-score', '4', '--parallel', '2'], /--parallel.*--judge[^]*--min-score.*--judge/],
    [['--judge'], /--endpoint/],
    [['--judge', '--endpoint', 'htp:x'], /--endpoint.*htp:x/],
    [['--judge', '--endpoint', 'http://127.0.0.1:9/v1', '--min-score', '9'], /--min-score/],
    [['--judge', '--endpoint', 'http://127.0.0.1:9/v1', '--rubric', 'nothing.txt'], /nothing\.txt/],
  ])('refuses %j', async (args, reason) => {
    const found = await data('verify', join(FIXTURES, 'alpaca.json'), ...args);
    expect(found).toMatchObject({ code: 104, out: '' });
    expect(found.err).toMatch(reason);
  });
});

describe('a judge', () => {
  let server: AnsweringServer | null = null;
  afterEach(() => server?.close());

  /** Starts a server that answers the trial of the client, and questions about records. */
  async function judge(answer: (question: string, number: number) => Scripted): Promise<AnsweringServer> {
    server?.close();
    server = await answeringServer((question, number) =>
      question.includes('record') ? answer(question, number) : { text: 'yes' },
    );
    return server;
  }

  const SCORES = new Map([
    ['one two', [1, 1]],
    ['five', [2, 2]],
    ['six', [3, 1]],
  ]);
  const RECORDS = VARIED.map(({ prompt }) => ({ prompt }));

  /** Answers the score of the record for the pass: in the second, the rubric is last. */
  function scripted(question: string): Scripted {
    const isSecond = question.indexOf('RUBRIC') > question.indexOf('[user]');
    const [, scores] = [...SCORES].find(([text]) => question.includes(`[user]\n${text}`))!;
    return { text: `score: ${scores[isSecond ? 1 : 0]}\nreason: because` };
  }

  it('scores each record twice; a failure of the endpoint loses nothing', async () => {
    const source = await records('j.jsonl', ...RECORDS);
    await writeFile(at('rubric.txt'), 'RUBRIC');
    const args = (url: string): string[] =>
      [source, '--judge', '--endpoint', url, '--rubric', at('rubric.txt'), '--licence', 'x'].concat(
        '--parallel',
        '1',
      );
    const broken = await judge((question, number) =>
      number > 3 ? { status: 401, error: 'key expired' } : scripted(question),
    );
    const failed = await data('verify', ...args(broken.url));
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/401.*key expired[^]*j\.jsonl\.scores\.jsonl.*continues/);
    const stored = await readFile(`${source}.scores.jsonl`, 'utf8');
    expect(lines(stored)).toMatchObject([
      { record: 0, pass: 1, score: 1 },
      { record: 0, pass: 2, score: 1 },
      { record: 1, pass: 1, score: 2 },
    ]);
    // As after a crash in the middle of a line.
    await writeFile(`${source}.scores.jsonl`, `${stored}{"record":1,"pa`);

    const working = await judge(scripted);
    const { code, document } = await verified(...args(working.url), '--min-score', '1.5');
    expect(code).toBe(0);
    // The trial, and the three scores that were missing.
    expect(working.bodies).toHaveLength(4);
    // The pairs of test/statistics/agreement.test.ts.
    expect(document.judge).toMatchObject({
      model: 'scripted',
      records: 3,
      unscored: 0,
      mean: expect.closeTo(10 / 6, 12) as number,
      distribution: { 1: 3, 2: 2, 3: 1, 4: 0, 5: 0 },
      agreement: { kappa: expect.closeTo(0.5, 12) as number, weighted: expect.closeTo(0, 12) as number },
      asked: 3,
      input_tokens: 21,
      output_tokens: 9,
      lowest: [{ record: 0, score: 1, reason: 'because' }, { record: 1 }, { record: 2 }],
    });
    expect(ruleOf(document, 'score')).toMatchObject({ pass: true, limit: 1.5 });
    expect(ruleOf(document, 'agreement')).toMatchObject({ pass: null, value: expect.closeTo(0.5, 12) });
    expect(document.quality.relevance).toContain('1.67');
    expect(document.quality.consistency).toContain('0.50');

    // Everything is known now, and another model or rubric is judged anew.
    const again = await judge(scripted);
    const strict = await verified(...args(again.url), '--min-score', '1', '--min-kappa', '0.6');
    expect(again.bodies).toHaveLength(1);
    expect(strict.code).toBe(99);
    await writeFile(at('rubric.txt'), 'RUBRIC 2');
    await verified(...args(again.url));
    expect(again.bodies).toHaveLength(2 + 6);
  });

  it('a record without a score is named, and a data set without any fails', async () => {
    const source = await records('u.jsonl', ...RECORDS);
    const odd = await judge((question) =>
      question.includes('five')
        ? { text: 'I cannot say.' }
        : question.includes('six')
          ? { status: 400, error: 'too long' }
          : { text: 'score: 5' },
    );
    const args = ['--judge', '--endpoint', odd.url, '--licence', 'x'];
    const { code, document } = await verified(source, ...args);
    expect(code).toBe(0);
    expect(document.judge).toMatchObject({
      records: 1,
      unscored: 2,
      mean: 5,
      problems: [
        expect.stringMatching(/record 1: .*I cannot say/),
        expect.stringMatching(/record 2: .*400.*too long/),
      ],
    });
    const trace = await verified(join(FIXTURES, 'azure-2023.csv'), ...args, '--scores', at('s.jsonl'));
    expect(ruleOf(trace.document, 'score')).toMatchObject({ pass: false, value: null });
  });

  it('needs a file for the scores of several data sets', async () => {
    const source = await records('v.jsonl', ...RECORDS);
    const args = ['--judge', '--endpoint', 'http://127.0.0.1:9/v1'];
    expect(await data('verify', source, source, ...args)).toMatchObject({
      code: 104,
      err: expect.stringContaining('--scores') as string,
    });
  });
});
