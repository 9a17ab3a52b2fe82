import { html } from '../render/page/html.ts';
import { STYLE } from '../render/page/style.ts';
import { htmlPage, type Response } from './response.ts';

/** Returns a page with a report as in the terminal. */
export function textPage(title: string, report: string): Response {
  // Whitespace of a template is not kept, that of a text is.
  const body = html`<main>
    <h1>${title}</h1>
    <p><a href="/">All runs</a></p>
    <pre>${report}</pre>
  </main>`;
  return htmlPage({ title, body: body.markup, style: STYLE, script: '' });
}
