import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openProgress, type Progress } from '../../src/render/progress-writer.ts';
import type { ProgressState } from '../../src/render/progress.ts';
import { progressState } from './progress-states.ts';
import { Terminal } from './terminal.ts';

const state = (phase: ProgressState['phase'], sent = 0): ProgressState =>
  progressState({
    phase,
    elapsed_ms: sent * 100,
    left_ms: 60_000 - sent * 100,
    sent,
    failed: 0,
    ok: sent,
    ttft_p99_ms: null,
    gap_p50_ms: null,
  });

const STYLE = { color: false, unicode: true, width: 80 };

function live(columns: number) {
  const terminal = new Terminal(columns);
  let at = 0;
  const progress = openProgress(terminal, { quiet: false, term: 'xterm', now: () => at, style: STYLE });
  const pass = (ms: number): void => {
    at += ms;
  };
  return { terminal, progress, pass };
}

describe('on a terminal too small for the panel', () => {
  it('redraws one line in place, and erases it at the end', () => {
    const { terminal, progress, pass } = live(100);
    for (let i = 0; i < 50; i++) {
      progress.update(state('measure', i));
      pass(200);
      expect(terminal.screen()).toEqual([expect.stringContaining(`sent ${i}/300`), '']);
    }
    progress.end();
    expect(terminal.screen()).toEqual(['']);
  });

  it('redraws at most 5 times a second', () => {
    const { terminal, progress, pass } = live(100);
    for (let i = 0; i < 1000; i++) {
      progress.update(state('measure', i));
      pass(10);
    }
    expect(terminal.writes).toBeGreaterThanOrEqual(45);
    expect(terminal.writes).toBeLessThanOrEqual(50);
  });

  it('leaves no remains when the terminal becomes narrower or wider', () => {
    const { terminal, progress, pass } = live(120);
    for (const columns of [120, 60, 30, 12, 90, 40, 120]) {
      terminal.resize(columns);
      pass(200);
      progress.update(state('measure', columns));
      expect(terminal.screen()).toHaveLength(2);
      expect(terminal.screen()[0]!.length).toBeLessThan(columns);
    }
    progress.end();
    expect(terminal.screen()).toEqual(['']);
  });

  it('leaves no remains of the line or of the ^C that the terminal echoes after it, at any width', () => {
    for (let columns = 8; columns <= 130; columns++) {
      const { terminal, progress, pass } = live(columns);
      progress.update(state('measure', 10));
      terminal.write('^C');
      progress.print('ends');
      expect(terminal.screen()[0]).toBe('ends');
      expect(terminal.screen()).toHaveLength(3);
      terminal.write('^C^C');
      pass(200);
      progress.update(state('drain', 11));
      expect(terminal.screen()).toHaveLength(3);
      expect(terminal.screen().join(' ')).not.toContain('^C');
      terminal.write('^C');
      progress.end();
      expect(terminal.screen()).toEqual(['ends', '']);
    }
  });

  it('prints other messages above the live line', () => {
    const { terminal, progress, pass } = live(100);
    progress.update(state('warmup', 1));
    progress.print('warning: the probe failed');
    expect(terminal.screen()).toHaveLength(3);
    expect(terminal.screen()[0]).toBe('warning: the probe failed');
    expect(terminal.screen()[1]).toContain('sent 1/300');
    pass(200);
    progress.update(state('measure', 2));
    expect(terminal.screen()[1]).toContain('measure');
    progress.end();
    progress.print('after the end\n');
    progress.update(state('drain', 3));
    expect(terminal.screen()).toEqual(['warning: the probe failed', 'after the end', '']);
  });
});

/** A stream that is not a terminal. */
function piped(options: { quiet: boolean; isTTY?: boolean; term?: string }) {
  const written: string[] = [];
  let at = 0;
  const stream = { isTTY: options.isTTY, write: (text: string) => written.push(text), on() {} };
  const { quiet, term } = options;
  const progress = openProgress(stream, { quiet, term, now: () => at, style: STYLE });
  const pass = (ms: number): void => {
    at += ms;
  };
  return { written, progress, pass };
}

/** 5 s of warm-up, 25 s of measurement, updated 5 times a second. */
function drive(progress: Progress, pass: (ms: number) => void): void {
  for (let i = 0; i < 150; i++) {
    progress.update(state(i < 25 ? 'warmup' : 'measure', i));
    pass(200);
  }
  progress.end();
}

describe('without a terminal', () => {
  it.each([
    ['in a pipe', { quiet: false }],
    ['on a dumb terminal', { quiet: false, isTTY: true, term: 'dumb' }],
  ])('writes a whole line at each phase and every 10 s: %s', (_, options) => {
    const { written, progress, pass } = piped(options);
    drive(progress, pass);
    // At 0 s (warm-up), 5 s (measure), 15 s and 25 s: requests 0, 25, 75, 125.
    expect(written.map((line) => /^([\w-]+) .*sent (\d+)\/300.*tok\/s\n$/.exec(line)?.slice(1))).toEqual([
      ['warm-up', '0'],
      ['measure', '25'],
      ['measure', '75'],
      ['measure', '125'],
    ]);
  });

  it('writes nothing but messages when quiet', () => {
    const { written, progress, pass } = piped({ quiet: true });
    drive(progress, pass);
    expect(written).toEqual([]);
    progress.print('error');
    expect(written).toEqual(['error\n']);
  });
});

describe('a stream that closes', () => {
  it('is not written to any more', () => {
    const listeners: ((error: Error) => void)[] = [];
    let writes = 0;
    const stream = {
      write: () => ++writes,
      on: (_: 'error', listener: (error: Error) => void) => listeners.push(listener),
    };
    const progress = openProgress(stream, { quiet: false, term: undefined, now: () => 0, style: STYLE });
    progress.print('before');
    for (const listener of listeners) listener(new Error('EPIPE'));
    progress.print('after');
    expect(writes).toBe(1);
  });

  it('does not end the process', async () => {
    const module = fileURLToPath(new URL('../../src/render/progress-writer.ts', import.meta.url));
    const script = `
      import { openProgress } from ${JSON.stringify(module)};
      process.stdin.once('data', () => {
        const progress = openProgress(process.stderr, { quiet: false, term: undefined, now: () => performance.now(), style: {} });
        let n = 0;
        const timer = setInterval(() => {
          progress.print('line ' + n);
          if (++n < 20) return;
          clearInterval(timer);
          progress.end();
          process.stdout.write('done');
          process.stdin.destroy();
        }, 5);
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stderr.destroy();
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stdin.write('go');
    await once(child, 'close');
    expect({ code: child.exitCode, out }).toEqual({ code: 0, out: 'done' });
  });
});
