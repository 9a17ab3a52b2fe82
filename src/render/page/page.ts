import { createHash } from 'node:crypto';
import type { PageData } from './browser/chart.ts';
import { type Html, html, NOTHING, escapeHtml, scriptJson } from './html.ts';
import { chartLibrary, pageScript } from './script.ts';
import { STYLE } from './style.ts';

/** A part of a page with a heading, to which its navigation leads. */
export interface Section {
  id: string;
  title: string;
  body: Html;
}

/** The content of a page. */
export interface PageContent {
  title: string;
  /** True if the results come from a simulated endpoint, which the first line and a banner say. */
  simulated: boolean;
  /** The part above the sections: the verdict. */
  head: Html;
  sections: readonly Section[];
  data: PageData;
  /** The command that prints the numbers of the charts. */
  numbers?: string;
}

/** The first line of a page whose numbers come from a simulated endpoint: a landmark, like everything on a page. */
export const SIMULATED_BANNER = html`<aside class="banner" aria-label="Origin of the numbers">
  <strong>SIMULATED</strong>: no model produced these numbers
</aside>`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Returns a page as one HTML file that loads nothing: its policy allows only its own scripts and styles, by their hashes. Without scripts it
 * still shows everything but the charts. Ends with a newline.
 */
export function renderPage({
  title,
  simulated,
  head,
  sections,
  data,
  numbers = 'goodput report RUN --format series',
}: PageContent): string {
  const library = chartLibrary();
  const style = `${library.style}\n${STYLE}`;
  const script = pageScript();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(library.script)} ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const body = html`<a class="skip" href="#main">Skip to the results</a>
    ${simulated ? SIMULATED_BANNER : NOTHING}
    <header class="top">
      <nav aria-label="Sections">
        ${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a>`)}
      </nav>
      <button id="theme" type="button" hidden></button>
    </header>
    <main id="main">
      ${head}
      ${sections.map(
        ({ id, title: name, body: content }) =>
          html`<section id="${id}" aria-labelledby="${id}-title">
            <h2 id="${id}-title">${name}</h2>
            ${content}
          </section> `,
      )}
      <noscript><p class="note">
          The charts need JavaScript. ${numbers} prints their numbers.
        </p></noscript>
    </main>`;
  const mark = simulated ? '<!-- SIMULATED: no model produced these numbers -->' : '';
  return `<!doctype html>${mark}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body.markup}
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${library.script}</script>
<script>${script}</script>
</body>
</html>
`;
}
