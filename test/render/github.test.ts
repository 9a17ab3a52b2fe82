import { describe, expect, it } from 'vitest';
import { renderGithub } from '../../src/render/run/github.ts';
import { COMMAND, commandsOf } from './annotations.ts';
import { randomJudged } from './random-report.ts';
import { dead, failing, interrupted, passing } from './reports.ts';

describe('github', () => {
  it('has one notice where all is well', () => {
    expect(renderGithub(passing())).toBe(
      '::notice title=goodput%3A chat-interactive::all 3 gates met (exit 0)\n',
    );
  });

  it('has an error for each missed gate and a warning for each doubt', () => {
    expect(commandsOf(renderGithub(failing()))).toEqual([
      ['error', 'goodput: chat-interactive', '2 of 3 gates missed (exit 99)'],
      ['error', 'chat-interactive: gate', 'attainment >= 86.21%: 86.2%'],
      [
        'warning',
        'chat-interactive: gate',
        'ttft p95 <= 400ms: 211 ms; too few samples to be sure of p95: this is its nearest rank, the true value may lie beyond',
      ],
      [
        'error',
        'chat-interactive: gate',
        'e2e p99 <= 6s: no value; too many requests failed for e2e p99 to be known',
      ],
      [
        'warning',
        'chat-interactive: self-audit',
        'Output tokens were counted by output events while a token SLO is declared. Ask the server for usage in streams, or name a tokenizer.',
      ],
    ]);
  });

  it.each([dead(), interrupted()])('has an error where nothing was decided', (judged) => {
    expect(commandsOf(renderGithub(judged))[0]![0]).toBe('error');
  });

  it('lets no text of others become a command or a parameter', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += '\n::set-output name=a::b,file=c %0A::error::d';
      const text = renderGithub(judged);
      for (const line of text.trimEnd().split('\n')) expect(line).toMatch(COMMAND);
      // What is read back is one line again, with the percent sign that stood in the name.
      for (const [, title, message] of commandsOf(text)) {
        expect(title + message).not.toMatch(/[\r\n]/);
        expect(title).toContain('%0A::error::d');
      }
    }
  });
});
