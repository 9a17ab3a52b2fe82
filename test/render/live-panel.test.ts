import { describe, expect, it } from 'vitest';
import { openProgress } from '../../src/render/progress-writer.ts';
import { progressState } from './progress-states.ts';
import { Screen } from './screen.ts';

const LABELS = ['Measure', 'Requests', 'Failures', 'TTFT', 'ITL', 'Output', 'Attainment', 'Audit'];

function open(columns: number, rows = 40) {
  const screen = new Screen(columns, rows);
  let at = 0;
  let sent = 0;
  const style = { color: true, unicode: true, width: columns };
  const progress = openProgress(screen, { quiet: false, term: 'xterm', now: () => at, style });
  const tick = (): void => {
    at += 200;
    sent++;
    progress.update(progressState({ at_ms: at, sent }));
  };
  return { screen, progress, tick };
}

const labelsOf = (lines: readonly string[]): string[] => lines.map((line) => line.split(' ')[0]!);

describe('on a terminal', () => {
  it.each([60, 80, 140])(
    'the panel is redrawn in place, and erased at the end: %d columns',
    async (columns) => {
      const { screen, progress, tick } = open(columns);
      screen.write('$ goodput run\n');
      for (let k = 1; k <= 20; k++) {
        tick();
        const lines = await screen.lines();
        expect(labelsOf(lines)).toEqual(['$', ...LABELS]);
        expect(lines[2]).toContain(`sent ${k} of 300`);
      }
      progress.end();
      expect(await screen.lines()).toEqual(['$ goodput run']);
    },
  );

  it('messages are printed above the panel', async () => {
    const { screen, progress, tick } = open(80);
    tick();
    progress.print('warning: one');
    tick();
    progress.print('warning: two\n');
    expect(labelsOf(await screen.lines())).toEqual(['warning:', 'warning:', ...LABELS]);
    progress.end();
    progress.print('after the end');
    expect(await screen.lines()).toEqual(['warning: one', 'warning: two', 'after the end']);
  });

  it('the panel leaves no remains at the bottom of a full screen', async () => {
    const { screen, progress, tick } = open(80, 14);
    for (let k = 0; k < 30; k++) screen.write(`earlier ${k}\n`);
    for (let k = 0; k < 5; k++) {
      tick();
      progress.print(`message ${k}`);
    }
    progress.end();
    const earlier = Array.from({ length: 30 }, (_, k) => `earlier ${k}`);
    const messages = Array.from({ length: 5 }, (_, k) => `message ${k}`);
    expect(await screen.lines()).toEqual([...earlier, ...messages]);
  });

  it('the panel follows the size of the terminal, and a small one has a line', async () => {
    const { screen, progress, tick } = open(140);
    screen.write('$ goodput run\n');
    tick();
    const sizes: [number, number][] = [
      [80, 40],
      [60, 40],
      [59, 40],
      [100, 40],
      [100, 13],
      [70, 14],
      [140, 40],
    ];
    for (const [columns, rows] of sizes) {
      await screen.resize(columns, rows);
      tick();
      const lines = await screen.lines();
      const isPanel = columns >= 60 && rows >= 14;
      expect(labelsOf(lines)).toEqual(['$', ...(isPanel ? LABELS : ['measure'])]);
      for (const line of lines) expect(line.length).toBeLessThan(columns);
    }
    progress.end();
    expect(await screen.lines()).toEqual(['$ goodput run']);
  });

  it('a resize redraws at once', async () => {
    const { screen, tick } = open(140);
    tick();
    await screen.resize(50, 40);
    expect(labelsOf(await screen.lines())).toEqual(['measure']);
  });

  it('the last state stays if it is to be kept, with what was not drawn yet', async () => {
    const { screen, progress, tick } = open(80);
    tick();
    screen.write('^C^C');
    progress.keep();
    progress.update(progressState({ phase: 'drain', sent: 999 }));
    progress.end();
    progress.end();
    progress.print('the report');
    const lines = await screen.lines();
    expect(labelsOf(lines)).toEqual(['Drain', ...LABELS.slice(1), 'the']);
    expect(lines[1]).toContain('sent 999');
    expect(lines.join('\n')).not.toContain('^C');
  });
});
