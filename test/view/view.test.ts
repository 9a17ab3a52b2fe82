import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/view/entry.ts';
import { entryOfRun, entryOfRuns } from '../../src/view/read-entry.ts';
import { openView } from '../../src/view/server.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, start } from '../cli/goodput.ts';
import { copyRun, scratchFolder } from './folders.ts';

const scratch = await scratchFolder();

async function viewOf(folder: string) {
  const view = await openView(folder, 0);
  afterAll(() => view.close());
  const text = async (path: string): Promise<string> => {
    const answer = await fetch(new URL(path, view.url));
    expect(answer.status).toBe(200);
    return answer.text();
  };
  const json = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;
  const entries = async (): Promise<Entry[]> => (await json<{ entries: Entry[] }>('/entries')).entries;
  return { text, json, entries };
}

/** Makes runs on a virtual clock. */
const simulate = async (command: readonly string[], out: string, ...flags: string[]): Promise<void> => {
  const load = ['--warmup', '2s', '--duration', '30s', '--output-tokens', '10', '--slo', 'ttft<=500ms'];
  const { code } = await goodput([...command, ...load, '--name', 'chat', '--out', out, ...flags]);
  expect([0, 98, 99]).toContain(code);
};

describe('the list', () => {
  it('has the figures of the summaries, and runs of several runs below their folder', async () => {
    const folder = join(scratch, 'list');
    await simulate(
      ['simulate', '--rate', '5/s'],
      join(folder, 'one'),
      '--gate',
      'attainment>=50%',
      '--gate',
      'ttft p95<=2s',
      // Its limit is not one of the run, so it is not drawn.
      '--gate',
      'attainment by turn=0>=99%',
    );
    await simulate(['sweep', '--virtual', '--rate', '2/s,4/s'], join(folder, 'sweep'));
    await mkdir(join(folder, 'no-run'));
    await mkdir(join(folder, 'damaged'));
    await writeFile(join(folder, 'damaged', 'run.json'), '{"schemaVersion":1}');
    const { entries } = await viewOf(folder);
    const found = new Map((await entries()).map((entry) => [entry.id, entry]));
    expect([...found.keys()].toSorted()).toEqual([
      'damaged',
      'one',
      'sweep',
      'sweep/point-001',
      'sweep/point-002',
    ]);

    const summary = JSON.parse(await readFile(join(folder, 'one', 'summary.json'), 'utf8')) as Summary;
    const one = found.get('one')!;
    expect(one).toMatchObject({
      kind: 'run',
      name: 'chat',
      simulated: true,
      status: 'complete',
      parent: null,
    });
    expect(one.verdict).toBe(summary.verdict.status);
    expect(one.audit).toBe(summary.audit.status);
    expect(one.figures.attainment.value).toBe(summary.slo!.attainment.value);
    expect(one.figures.ttft_p95_ms.value).toBe(summary.metrics['ttft']!.p95);
    expect(one.figures.goodput_rps.value).toBe(summary.rates.goodput_rps);
    expect(one.gates).toEqual([
      { figure: 'attainment', text: 'attainment >= 50%', limit: 0.5 },
      { figure: 'ttft_p95_ms', text: 'ttft p95 <= 2s', limit: 2000 },
    ]);
    // A damaged document is a problem of its entry, which names it.
    const header = await readFile(join(folder, 'one', 'run.json'), 'utf8');
    for (const [change, problem] of [
      [{ schemaVersion: 2 }, /summary\.json: schemaVersion 2/],
      [{ rates: {} }, /summary\.json: "rates\.goodput_rps" is missing/],
      [{ metrics: { ttft: { p95: 'fast' } } }, /summary\.json: metrics\.ttft: "p95" is a string/],
    ] as const) {
      const text = JSON.stringify({ ...summary, ...change });
      expect(entryOfRun('one', null, header, text).problem).toMatch(problem);
    }
    expect(entryOfRun('one', null, header.slice(0, 99), null).problem).toMatch(/run\.json: .*JSON/);
    expect(entryOfRuns('all', 'sweep', '{"schemaVersion":2}').problem).toMatch(
      /sweep\.json: schemaVersion 2/,
    );
    // The text report has the same figures.
    const { stdout } = await goodput(['report', join(folder, 'one')]);
    expect(stdout).toContain(one.figures.attainment.text);

    expect(found.get('sweep')).toMatchObject({ kind: 'sweep', name: 'chat', runs: 2 });
    expect(found.get('sweep/point-002')).toMatchObject({ kind: 'run', parent: 'sweep' });
    expect(found.get('damaged')!.problem).toContain('is missing');
  });

  it('sees new runs, and those that are gone', async () => {
    const folder = join(scratch, 'changing');
    await copyRun(join(folder, 'a'));
    const { entries, text } = await viewOf(folder);
    expect((await entries()).map(({ id }) => id)).toEqual(['a']);
    await copyRun(join(folder, 'b'), 'other');
    // A run that was not listed yet can be opened.
    expect(await text('/run?id=b')).toContain('other');
    expect((await entries()).map(({ id }) => id).toSorted()).toEqual(['a', 'b']);
  });

  it('shows a run folder itself', async () => {
    const folder = join(scratch, 'itself');
    await copyRun(folder);
    const { entries, text } = await viewOf(folder);
    expect((await entries()).map(({ id }) => id)).toEqual(['.']);
    expect(await text('/run?id=.')).toContain('smollm2');
  });
});

describe('pages', () => {
  it('a run has the page of goodput report --format html', async () => {
    const folder = join(scratch, 'pages');
    await copyRun(join(folder, 'a'));
    const { text } = await viewOf(folder);
    const page = await text('/run?id=a');
    const { stdout } = await goodput(['report', join(folder, 'a'), '--format', 'html']);
    expect(page).toBe(stdout);
  });

  it('two runs are compared as by goodput compare', async () => {
    const folder = join(scratch, 'compared');
    await copyRun(join(folder, 'a'));
    await copyRun(join(folder, 'b'));
    const { text } = await viewOf(folder);
    const page = await text('/compare?base=a&new=b');
    const { stdout } = await goodput(['compare', join(folder, 'a'), join(folder, 'b'), '--format', 'html']);
    expect(page).toBe(stdout.replace(/ \(exit \d+\)/, ''));
    expect(page).toContain('INCONCLUSIVE');
  });

  it('the trend draws the runs of one scenario in order, with the gates of the latest', async () => {
    const folder = join(scratch, 'trend');
    for (const id of ['b', 'a', 'c']) await copyRun(join(folder, id), id === 'c' ? 'zebra' : 'chat');
    const path = join(folder, 'a', 'run.json');
    const header = JSON.parse(await readFile(path, 'utf8')) as { started: string };
    header.started = '2026-11-25T12:00:00.000Z';
    await writeFile(path, JSON.stringify(header));
    const { text } = await viewOf(folder);
    const page = await text('/trend?name=chat');
    const data = JSON.parse(
      /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!,
    ) as {
      charts: {
        id: string;
        xs: number[];
        lines: { ys: number[] }[];
        limits: { at: number; text: string }[];
      }[];
    };
    expect(data.charts.map(({ id }) => id)).toEqual([
      'trend-attainment',
      'trend-ttft_p95_ms',
      'trend-goodput_rps',
    ]);
    const [attainment, ttft] = data.charts;
    const starts = ['2026-11-24T10:01:40.887Z', '2026-11-25T12:00:00.000Z'];
    expect(attainment!.xs).toEqual(starts.map((start) => Date.parse(start) / 1000));
    expect(attainment!.lines[0]!.ys).toEqual([38 / 43, 38 / 43]);
    expect(attainment!.limits).toEqual([{ at: 0.8, text: 'attainment >= 80%' }]);
    expect(ttft!.limits).toEqual([]);
    expect(page).not.toContain('zebra');
  });

  it('markup in a run is text', async () => {
    const folder = join(scratch, 'markup');
    const name = '<img src=x onerror=alert(1)>"\'</script><script>alert(2)</script>';
    await copyRun(join(folder, 'a'), name);
    await copyRun(join(folder, 'b'), name);
    const { text } = await viewOf(folder);
    for (const path of [
      '/',
      '/run?id=a',
      '/compare?base=a&new=b',
      `/trend?name=${encodeURIComponent(name)}`,
    ]) {
      const page = await text(path);
      expect(page).not.toContain('<img');
      expect(page).not.toContain('<script>alert');
    }
  });
});

describe('a run that is being recorded', () => {
  it('is read as it grows, and has its page when it ends', async () => {
    const folder = join(scratch, 'growing');
    const dir = join(folder, 'run');
    await copyRun(dir);
    const [headerPath, samplesPath] = [join(dir, 'run.json'), join(dir, 'samples.jsonl')];
    const complete = await readFile(headerPath, 'utf8');
    const lines = (await readFile(samplesPath, 'utf8')).trimEnd().split('\n');
    const header = { ...(JSON.parse(complete) as object), status: 'running', window: null };
    await writeFile(headerPath, JSON.stringify(header));
    await writeFile(samplesPath, '');
    const { json, entries, text } = await viewOf(folder);
    const soFar = (): Promise<Record<string, string>> => json('/so-far?id=run');
    expect((await entries())[0]).toMatchObject({ recording: true, status: 'running' });
    expect(await text('/run?id=run')).toContain('being recorded');
    expect(await soFar()).toMatchObject({ status: 'running', ended: '0', attainment: '–' });

    await appendFile(samplesPath, `${lines.slice(0, 10).join('\n')}\n${lines[10]!.slice(0, 50)}`);
    expect(await soFar()).toMatchObject({ ended: '10', ok: '10', failed: '0' });
    // Calls at the same time share one reading.
    await appendFile(samplesPath, `${lines[10]!.slice(50)}\n`);
    expect((await Promise.all([soFar(), soFar(), soFar()])).map(({ ended }) => ended)).toEqual([
      '11',
      '11',
      '11',
    ]);
    await appendFile(samplesPath, `${lines.slice(11).join('\n')}\n`);
    const summary = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8')) as Summary;
    const { good, judged } = summary.counts;
    expect(await soFar()).toMatchObject({
      ended: String(lines.length),
      attainment: `88.4%, ${good} of ${judged} good`,
      gate: 'meets attainment >= 80%',
      audit: 'valid',
    });
    expect((await entries())[0]!.figures.attainment).toEqual({ value: good / judged, text: '88.4%' });

    await writeFile(headerPath, complete);
    expect(await soFar()).toEqual({ status: 'ended' });
    expect((await entries())[0]!.recording).toBeUndefined();
    expect(await text('/run?id=run')).toContain('id="verdict"');
  });

  it('is read in parts if it is long', async () => {
    const folder = join(scratch, 'long');
    const dir = join(folder, 'run');
    await copyRun(dir);
    const path = join(dir, 'run.json');
    const header = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...header, status: 'running', window: null }));
    const text = await readFile(join(dir, 'samples.jsonl'), 'utf8');
    const times = Math.ceil((40 * 1024 * 1024) / text.length);
    await writeFile(join(dir, 'samples.jsonl'), text.repeat(times));
    const { json } = await viewOf(folder);
    const all = text.trimEnd().split('\n').length * times;
    const counts: number[] = [];
    for (let k = 0; k < 3; k++) {
      const { ended, note } = await json<Record<string, string>>('/so-far?id=run');
      counts.push(Number(ended!.replaceAll(',', '')));
      expect(note!.includes('% of its samples')).toBe(k < 2);
    }
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[1]).toBeGreaterThan(counts[0]!);
    expect(counts[2]).toBe(all);
  });
});

describe('goodput view', () => {
  it('prints its address, and stops at once with open connections', async () => {
    const { child, ended } = start(['view', scratch]);
    const url = await new Promise<string>((resolve) =>
      child.stdout!.once('data', (text) => resolve(String(text).trim())),
    );
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(url)).status).toBe(200);
    // One connection that is kept, and one in the middle of a request.
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    idle.on('error', () => {});
    const closed = new Promise((resolve) => idle.on('close', resolve));
    idle.write('GET / HTTP/1.1\r\n');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain('Ctrl-C');
    await closed;
  });

  it('says what is wrong with its folder or port', async () => {
    const missing = await start(['view', join(scratch, 'nothing')]).ended;
    expect(missing.code).toBe(104);
    expect(missing.stderr).toMatch(/nothing: .*\n.*goodput view FOLDER/);
    const file = join(scratch, 'file');
    await writeFile(file, '');
    expect((await start(['view', file]).ended).stderr).toContain('is a file, not a folder');
    expect((await start(['view', scratch, '--port', '70000']).ended).stderr).toContain('--port: got "70000"');
    const other = createServer().listen(0, '127.0.0.1');
    afterAll(() => other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const taken = await start(['view', scratch, '--port', String(port)]).ended;
    expect(taken.code).toBe(104);
    expect(taken.stderr).toContain(`127.0.0.1:${port}`);
  });
});
