import { describe, expect, test } from 'vitest';
import { html, scriptJson } from '../../../src/render/page/html.ts';

describe('html', () => {
  test('escapes texts, within attributes too, and keeps HTML', () => {
    const hostile = `<b a="1" b='2'>&amp;</b>`;
    expect(html`<p title="${hostile}">${html`<i>${hostile}</i>`}</p>`.markup).toBe(
      '<p title="&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;"><i>&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;</i></p>',
    );
  });

  test('joins lists, and removes the indentation of the source but not that of a text', () => {
    expect(
      html`<ul>
      ${['a', html`<b>2</b>`, 3]}
    </ul>`.markup,
    ).toBe('<ul>\na<b>2</b>3\n</ul>');
    expect(html`<pre>${'a:\n  b: 1\n'}</pre>`.markup).toBe('<pre>a:\n  b: 1\n</pre>');
  });

  test.each(['\u0000', '\u001b', '\u0085', '\u202e', '\u2066', '\u2028', '\ud800', '\uffff', '\r'])(
    'replaces %j',
    (sign) => {
      expect(html`${`a${sign}b`}`.markup).toBe('a b');
    },
  );
});

test('JSON in a script element cannot end it, and stays the same document', () => {
  const value = { a: '</script><script>', b: '<!--', c: '\u2028\u202e', d: [1, null, '"'] };
  const text = scriptJson(value);
  expect(text).not.toMatch(/[<\u2028\u202e]/);
  expect(JSON.parse(text)).toEqual(value);
});
