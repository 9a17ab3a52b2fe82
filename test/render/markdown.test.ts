import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { markdownCode, markdownSentence, markdownTable } from '../../src/render/writers/markup.ts';
import { randomJudged } from './random-report.ts';
import { dead, failing, interrupted, passing, simulated } from './reports.ts';

/** Returns the tokens as another implementation of Markdown parses them. */
function tokensOf(markdown: string): Token[] {
  const all: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    all.push(token);
  });
  return all;
}

const tablesOf = (markdown: string): Tokens.Table[] =>
  tokensOf(markdown).filter((token): token is Tokens.Table => token.type === 'table');

/** Returns the text that a reader of the rendered Markdown sees. */
function shownBy(markdown: string): string {
  const html = marked.parse(markdown, { async: false });
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('\u200b', '')
    .trim();
}

describe('markdown', () => {
  it('begins with the verdict, and has each gate with its value', () => {
    const text = renderMarkdown(passing());
    expect(text.split('\n')[0]).toMatch(/^### ✅ PASS: `chat-interactive`, .*3 gates/);
    const [gates] = tablesOf(text);
    expect(gates!.rows.map((row) => row.map((cell) => cell.text))).toEqual([
      ['✅ pass', '`attainment >= 90%`', '93.3%', ''],
      ['✅ pass', '`ttft p99 <= 400ms`', '312 ms', ''],
      ['✅ pass', '`error_rate <= 1%`', '0%', ''],
    ]);
    expect(shownBy(text)).toContain('93.3%, 280 of 300 good; 95% interval 89.9% to 95.6% (independent)');
  });

  it('shows which gates failed, and why a value is missing or uncertain', () => {
    const text = renderMarkdown(failing());
    expect(text).toMatch(/^### ❌ FAIL: `chat-interactive`, 2 of 3 gates failed\n/);
    const rows = tablesOf(text)[0]!.rows.map((row) => row.map((cell) => cell.text));
    expect(rows[0]!.slice(0, 3)).toEqual(['❌ **FAIL**', '`attainment >= 86.21%`', '86.2%']);
    expect(rows[2]!.slice(2)).toEqual([
      'no value',
      expect.stringMatching(/too many requests failed .*e2e p99/),
    ]);
    expect(shownBy(text)).toContain('The server is overloaded, try again later');
  });

  it.each([
    ['an invalid run', dead(), '### 🚫 INVALID: `chat-interactive`, '],
    ['an interrupted one', interrupted(), '### 🛑 INTERRUPTED: `chat-interactive`, '],
    ['a simulated one', simulated(), '(SIMULATED: '],
  ])('begins with the status of %s', (_, judged, first) => {
    expect(renderMarkdown(judged).split('\n')[0]).toContain(first);
  });

  it('has complete tables and no markup from external texts', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += '](http://x) <img src=x onerror=y> @team | #1 `a` ``b | ![p](q) $z$ \\| &lt;';
      judged.report.notes.push({
        code: 'from_run',
        text: '1. @team <script>alert(1)</script> [a](http://b) | **c** www.d.example',
      });
      const tokens = tokensOf(renderMarkdown(judged));
      const kinds = new Set(tokens.map(({ type }) => type));
      for (const kind of ['link', 'image', 'em', 'blockquote', 'del', 'code'])
        expect(kinds).not.toContain(kind);
      // Inline HTML is goodput's own <code> alone, with nothing inside but letters, digits and references.
      for (const token of tokens.filter(({ type }) => type === 'html'))
        expect(token.raw.trim()).toMatch(/^<\/?code>$/);
      expect(tokens.filter(({ type }) => type === 'heading')).toHaveLength(1);
      for (const table of tokens.filter((token): token is Tokens.Table => token.type === 'table'))
        for (const row of table.rows) expect(row).toHaveLength(table.header.length);
    }
  });
});

describe('external texts in Markdown', () => {
  it.each([
    'plain words',
    'a|b',
    '`code`',
    'a ``` b',
    String.raw`back\|slash`,
    '<b>&amp;</b>',
    '*a* _b_ ~c~ #1 $d$',
    '[x](http://y) ![z](w)',
    '1. one',
    '- two',
    '模型 | Запрос',
  ])('%s is shown unchanged, as a sentence and as code, also in a table', (text) => {
    expect(shownBy(markdownSentence(text))).toBe(text);
    expect(shownBy(markdownCode(text))).toBe(text);
    const table = markdownTable(
      ['a', 'b'],
      [[markdownSentence(text), markdownCode(text)]],
      ['left', 'right'],
    );
    expect(
      shownBy(table)
        .split('\n')
        .filter((line) => line !== '')
        .slice(2),
    ).toEqual([text, text]);
  });

  it('contain no mentions', () => {
    expect(markdownSentence('ask @team/ops')).not.toMatch(/@\w/);
    expect(markdownCode('@team')).toBe('`@team`');
  });
});
