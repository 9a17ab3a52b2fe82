import { setUpTheme } from '../../render/page/browser/theme.ts';
import type { Entry } from '../entry.ts';

const RECORDING_EVERY_MS = 1000;
const OTHERWISE_EVERY_MS = 5000;
const FIGURES = ['attainment', 'ttft_p95_ms', 'goodput_rps'] as const;
const TEXTS = ['kind', 'verdict', 'audit'] as const;
const INKS = new Map([
  ['pass', 'good'],
  ['valid', 'good'],
  ['fail', 'bad'],
  ['invalid', 'bad'],
  ['suspect', 'warn'],
  ['interrupted', 'warn'],
]);

const part = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!;
const parent = part('#list').dataset['parent']!;
const filter = document.querySelector<HTMLInputElement>('#filter')!;
const verdict = document.querySelector<HTMLSelectElement>('#verdict')!;
const scenario = document.querySelector<HTMLSelectElement>('#scenario')!;
const compare = document.querySelector<HTMLButtonElement>('#compare')!;
const trend = document.querySelector<HTMLAnchorElement>('#trend')!;

let entries: readonly Entry[] = [];
let sort = { key: 'started', isDescending: true };
/** Identifiers, in the order in which they were selected. */
let selected: string[] = [];
let drawn = '';

type SortValue = string | number;

/** Returns what a column sorts by; empty texts and missing figures are last. */
function sortValue(entry: Entry, key: string): SortValue | null {
  const figure = FIGURES.find((name) => name === key);
  if (figure !== undefined) return entry.figures[figure].value;
  return (entry as unknown as Record<string, string | null>)[key] ?? null;
}

function compareEntries(a: Entry, b: Entry): number {
  const [x, y] = [sortValue(a, sort.key), sortValue(b, sort.key)];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
  return sort.isDescending ? -order : order;
}

function isShown(entry: Entry): boolean {
  if (parent !== '' && entry.parent !== parent) return false;
  if (verdict.value !== '' && entry.verdict !== verdict.value) return false;
  if (scenario.value !== '' && entry.name !== scenario.value) return false;
  const text = [entry.name, entry.id, entry.kind, entry.endpoint, entry.machine].join(' ').toLowerCase();
  return filter.value
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function cell(text: string, className = ''): HTMLTableCellElement {
  const found = document.createElement('td');
  found.textContent = text;
  if (className !== '') found.className = className;
  return found;
}

function rowOf(entry: Entry): HTMLTableRowElement {
  const row = document.createElement('tr');
  const first = cell('');
  if (entry.kind === 'run') {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = selected.includes(entry.id);
    box.setAttribute('aria-label', `Select ${entry.id}`);
    box.addEventListener('change', () => {
      selected = selected.filter((id) => id !== entry.id).concat(box.checked ? [entry.id] : []);
      showTools();
    });
    first.append(box);
  }
  const name = cell('');
  const link = document.createElement('a');
  link.href = `/run?id=${encodeURIComponent(entry.id)}`;
  link.textContent = entry.name;
  const details = document.createElement('span');
  details.className = 'part';
  details.textContent = `${entry.simulated ? 'SIMULATED, ' : ''}${entry.id}`;
  name.append(link, details);
  const state = entry.recording === true ? 'recording' : entry.status === 'running' ? 'not closed' : null;
  row.append(first, name);
  for (const key of TEXTS) {
    const text =
      key === 'kind' && entry.runs !== undefined ? `${entry.kind}, ${entry.runs} runs` : entry[key];
    const shown = key === 'verdict' ? (entry.problem ?? state ?? text) : text;
    row.append(cell(shown ?? '–', INKS.get(shown ?? '') ?? ''));
  }
  for (const key of FIGURES) row.append(cell(entry.figures[key].text, 'n'));
  const started = entry.started === null ? '–' : entry.started.slice(0, 19).replace('T', ' ');
  row.append(cell(entry.endpoint ?? '–'), cell(entry.machine ?? '–'), cell(started));
  return row;
}

/** Fills a list of choices with the values that the entries have. */
function fillChoices(choices: HTMLSelectElement, values: readonly (string | null)[]): void {
  const known = [...choices.options].map(({ value }) => value);
  for (const value of [...new Set(values)]
    .filter((each) => each !== null)
    .toSorted((a, b) => a.localeCompare(b))) {
    if (known.includes(value)) continue;
    const choice = document.createElement('option');
    choice.value = value;
    choice.textContent = value;
    choices.append(choice);
  }
}

function showTools(): void {
  selected = selected.filter((id) => entries.some((entry) => entry.id === id));
  compare.disabled = selected.length !== 2;
  trend.hidden = scenario.value === '';
  trend.href = `/trend?name=${encodeURIComponent(scenario.value)}`;
}

function draw(): void {
  const shown = entries.filter(isShown).toSorted(compareEntries);
  // Drawing nothing new keeps the focus and a selection of text.
  const state = JSON.stringify([shown, sort]);
  showTools();
  if (state === drawn) return;
  drawn = state;
  part('#rows').replaceChildren(...shown.map(rowOf));
  document.documentElement.dataset['drawn'] = String(shown.length);
  part('#count').textContent = `${shown.length} of ${entries.length} shown`;
  for (const head of document.querySelectorAll<HTMLElement>('th[data-key]')) {
    if (head.dataset['key'] === sort.key)
      head.setAttribute('aria-sort', sort.isDescending ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
}

async function readEntries(): Promise<void> {
  const answer = await fetch('/entries');
  if (!answer.ok) throw new Error(await answer.text());
  ({ entries } = (await answer.json()) as { entries: readonly Entry[] });
  fillChoices(
    verdict,
    entries.map((entry) => entry.verdict),
  );
  fillChoices(
    scenario,
    entries.filter(({ kind }) => kind === 'run').map(({ name }) => name),
  );
  draw();
}

function followEntries(): void {
  const again = (): void => {
    const isRecording = entries.some(({ recording }) => recording === true);
    setTimeout(followEntries, isRecording ? RECORDING_EVERY_MS : OTHERWISE_EVERY_MS);
  };
  if (document.hidden) {
    again();
    return;
  }
  readEntries().then(again, (error: unknown) => {
    part('#count').textContent = `no connection to goodput view: ${String(error)}`;
    again();
  });
}

function setUpTools(): void {
  for (const tool of [filter, verdict, scenario]) tool.addEventListener('input', draw);
  document
    .querySelector<HTMLFormElement>('form')!
    .addEventListener('submit', (event) => event.preventDefault());
  compare.addEventListener('click', () => {
    const startOf = (id: string): string => entries.find((entry) => entry.id === id)?.started ?? '';
    const [base = '', next = ''] = selected.toSorted((a, b) => startOf(a).localeCompare(startOf(b)));
    location.assign(`/compare?base=${encodeURIComponent(base)}&new=${encodeURIComponent(next)}`);
  });
  for (const head of document.querySelectorAll<HTMLElement>('th[data-key]'))
    head.querySelector('button')!.addEventListener('click', () => {
      const key = head.dataset['key']!;
      sort = {
        key,
        isDescending: sort.key === key ? !sort.isDescending : FIGURES.some((name) => name === key),
      };
      draw();
    });
}

setUpTheme();
setUpTools();
followEntries();
