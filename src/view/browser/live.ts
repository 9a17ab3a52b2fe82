import { setUpTheme } from '../../render/page/browser/theme.ts';

const EVERY_MS = 1000;

const run = document.querySelector<HTMLElement>('#live')!;

/** Shows the figures so far; when the run has ended, its page replaces this one. */
async function showSoFar(): Promise<void> {
  const answer = await fetch(`/so-far?id=${encodeURIComponent(run.dataset['id']!)}`);
  if (!answer.ok) throw new Error(await answer.text());
  const figures = (await answer.json()) as Record<string, string>;
  if (figures['status'] !== 'running') {
    location.reload();
    return;
  }
  for (const [key, text] of Object.entries(figures)) {
    const cell = document.querySelector(`#${CSS.escape(key)}`);
    if (cell !== null && cell.textContent !== text) cell.textContent = text;
  }
}

function followRun(): void {
  const again = (): void => void setTimeout(followRun, EVERY_MS);
  showSoFar().then(again, (error: unknown) => {
    document.querySelector('#note')!.textContent = `no connection to goodput view: ${String(error)}`;
    again();
  });
}

setUpTheme();
followRun();
