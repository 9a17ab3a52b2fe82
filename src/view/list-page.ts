import { extname } from 'node:path';
import { html } from '../render/page/html.ts';
import { pageScript } from '../render/page/script.ts';
import { STYLE } from '../render/page/style.ts';
import { htmlPage, type Response } from './response.ts';

const SCRIPT = new URL(`browser/list${extname(import.meta.url)}`, import.meta.url);
const OWN_STYLE = `
.tools{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:12px 0}
.tools label{display:grid;font-size:12px;color:var(--faint)}
.tools input,.tools select,.tools button,.tools a{font:inherit;color:var(--text);background:var(--panel);border:1px solid var(--rule);border-radius:4px;padding:3px 8px;font-size:13px}
.tools button:disabled{color:var(--faint);cursor:not-allowed}
thead button{background:none;border:0;padding:0;font:inherit;color:inherit;cursor:pointer;white-space:nowrap}
th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
td .part{display:block;color:var(--faint);font-size:12px}
`;

/** The columns of the list: key to sort by, heading, and true for figures. */
const COLUMNS = [
  ['name', 'Run', false],
  ['kind', 'Kind', false],
  ['verdict', 'Verdict', false],
  ['audit', 'Audit', false],
  ['attainment', 'Attainment', true],
  ['ttft_p95_ms', 'TTFT p95', true],
  ['goodput_rps', 'Goodput', true],
  ['endpoint', 'Endpoint', false],
  ['machine', 'Machine', false],
  ['started', 'Started (UTC)', false],
] as const;

/**
 * Returns the list of all runs.
 * @param parent identifier of a folder of several runs, to list only its runs
 */
export function listPage(folder: string, parent: string | null = null): Response {
  const title = parent === null ? folder : `${folder}/${parent}`;
  const body = html`<header class="top">
      <h1>${title}</h1>
      <button id="theme" type="button" hidden></button>
    </header>
    <main id="list" data-parent="${parent ?? ''}">
      ${parent === null ? '' : html`<p><a href="/">All runs</a></p>`}
      <form class="tools">
        <label>Filter <input id="filter" type="search" placeholder="name, endpoint, machine" /></label>
        <label
          >Verdict
          <select id="verdict">
            <option value="">all</option>
          </select></label
        >
        <label
          >Scenario
          <select id="scenario">
            <option value="">all</option>
          </select></label
        >
        <a id="trend" href="/" hidden>Trend of this scenario</a>
        <button id="compare" type="button" disabled>Compare two selected runs</button>
      </form>
      <p id="count" class="note" role="status">Reading the runs …</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Runs">
        <table>
          <caption>
            Recorded runs
          </caption>
          <thead>
            <tr>
              <th scope="col"><span class="faint">Select</span></th>
              ${COLUMNS.map(
                ([key, name, isFigure]) =>
                  html`<th scope="col" data-key="${key}" ${isFigure ? html`class="n"` : ''}>
                    <button type="button">${name}</button>
                  </th> `,
              )}
            </tr>
          </thead>
          <tbody id="rows"></tbody>
        </table>
      </div>
      <noscript
        ><p class="missing">
          The list needs JavaScript. goodput report RUN shows a run in the terminal.
        </p></noscript
      >
    </main>`;
  return htmlPage({
    title: `${title}: runs`,
    body: body.markup,
    style: STYLE + OWN_STYLE,
    script: pageScript(SCRIPT),
  });
}
