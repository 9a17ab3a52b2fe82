import { describe, expect, it } from 'vitest';
import { renderGithub } from '../../src/render/run/github.ts';
import { COMMAND, commandsOf } from './annotations.ts';
import { randomJudged } from './random-report.ts';
import { dead, failing, interrupted, passing } from './reports.ts';

describe('github', () => {
  it('has one notice if everything passed', () => {
    expect(renderGithub(passing())).toMatch(
      /^::notice title=goodput%3A chat-interactive::.*3 gates.* \(exit 0\)\n$/,
    );
  });

  it('has an error for each failed gate and a warning for each reason of the audit', () => {
    expect(commandsOf(renderGithub(failing()))).toEqual([
      ['error', 'goodput: chat-interactive', expect.stringMatching(/^2 of 3 gates failed.* \(exit 99\)$/)],
      ['error', 'chat-interactive: gate', 'attainment >= 86.21%: 86.2%'],
      [
        'warning',
        'chat-interactive: gate',
        expect.stringMatching(/^ttft p95 <= 400ms: 211 ms; too few samples/),
      ],
      [
        'error',
        'chat-interactive: gate',
        expect.stringMatching(/^e2e p99 <= 6s: no value; too many requests failed/),
      ],
      [
        'warning',
        'chat-interactive: audit',
        expect.stringMatching(/^Output tokens were counted by output events/),
      ],
    ]);
  });

  it.each([dead(), interrupted()])('has an error if nothing was decided', (judged) => {
    expect(commandsOf(renderGithub(judged))[0]![0]).toBe('error');
  });

  it('never lets an external text become a command or a parameter', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += '\n::set-output name=a::b,file=c %0A::error::d';
      const text = renderGithub(judged);
      for (const line of text.trimEnd().split('\n')) expect(line).toMatch(COMMAND);
      // The annotation is one line when it is read back, with the percent sign of the name.
      for (const [, title, message] of commandsOf(text)) {
        expect(title + message).not.toMatch(/[\r\n]/);
        expect(title).toContain('%0A::error::d');
      }
    }
  });
});
