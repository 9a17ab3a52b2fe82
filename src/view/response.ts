import { createHash } from 'node:crypto';
import { escapeHtml } from '../render/page/html.ts';

/** An answer of the server. */
export interface Response {
  status: number;
  type: 'text/html' | 'application/json' | 'text/plain';
  body: string;
  /** Content security policy; all of them forbid frames, forms and other bases. */
  csp: string;
}

const ALWAYS = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const NOTHING = `default-src 'none'; ${ALWAYS}`;

/** An HTML page with one style and one script of this server, by their hashes; it may read from this server only. */
export interface Page {
  title: string;
  body: string;
  style: string;
  script: string;
}

export function htmlPage({ title, body, style, script }: Page, status = 200): Response {
  const sources = `script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; connect-src 'self'`;
  return {
    status,
    type: 'text/html',
    csp: `default-src 'none'; ${sources}; ${ALWAYS}`,
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`,
  };
}

/** Returns a page that is complete and has a policy of its own in it. */
export const ownPage = (html: string): Response => ({
  status: 200,
  type: 'text/html',
  csp: ALWAYS,
  body: html,
});

export const jsonOf = (document: unknown): Response => ({
  status: 200,
  type: 'application/json',
  csp: NOTHING,
  body: JSON.stringify(document),
});

/** The icon that browsers ask for: there is none. */
export const NO_CONTENT: Response = { status: 204, type: 'text/plain', csp: NOTHING, body: '' };

export const textOf = (status: number, text: string): Response => ({
  status,
  type: 'text/plain',
  csp: NOTHING,
  body: `${text}\n`,
});

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
