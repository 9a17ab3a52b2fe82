import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { initCommand, scenarioTemplate } from '../../src/cli/handlers/init.ts';
import { assertEndpointNamed } from '../../src/cli/handlers/named-endpoint.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { fakeConsole } from './console.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCHEMA = join(ROOT, 'docs', 'scenario.schema.json');
const folder = mkdtempSync(join(tmpdir(), 'goodput-init-'));
afterAll(() => rmSync(folder, { recursive: true }));

const resolved = (text: string) =>
  resolveScenario({ file: { path: 'goodput.yaml', text }, env: {}, flags: {} });

test('what it writes resolves without a doubt', async () => {
  const path = join(folder, 'goodput.yaml');
  const io = fakeConsole();
  expect(await initCommand(path, {}, io)).toBe(0);
  expect(io.out()).toBe(`wrote ${path}\n`);
  const { resolved: made, warnings } = resolved(readFileSync(path, 'utf8'));
  expect(warnings).toEqual([]);
  expect(made.scenario).toMatchObject({ endpoint: { simulated: true }, load: { rate: 2, duration: 60_000 } });
  expect(made.scenario.slo).toHaveLength(2);
  expect(made.scenario.gates).toHaveLength(2);
});

test('the folders of the file are made', async () => {
  const path = join(folder, 'perf', 'nightly', 'chat.yaml');
  expect(await initCommand(path, {}, fakeConsole())).toBe(0);
  expect(resolved(readFileSync(path, 'utf8')).resolved.scenario.gates).toHaveLength(2);
});

test('its endpoint is commented out, so that its gates do not pass on the embedded endpoint in CI; the uncommented lines are a valid section', async () => {
  const text = scenarioTemplate({ url: null, schema: 'x' });
  const { resolved: made } = resolved(text);
  expect(() => assertEndpointNamed(made, {}, { CI: 'true' })).toThrow(/no endpoint is named/);
  const lines = text.split('\n');
  const from = lines.indexOf('# endpoint:');
  const to = lines.indexOf('', from);
  const section = lines.slice(from, to).map((line) => line.replace(/^# /, ''));
  const own = [...lines.slice(0, from), ...section, ...lines.slice(to)].join('\n');
  expect(own).toContain(scenarioTemplate({ url: 'http://127.0.0.1:8000/v1', schema: 'x' }).slice(-400));
  const { resolved: named } = resolved(own);
  expect(named.scenario.endpoint.url).toBe('http://127.0.0.1:8000/v1');
  expect(() => assertEndpointNamed(named, {}, { CI: 'true' })).not.toThrow();
  expect(section).toHaveLength(7);
});

test('--url is put in, whatever YAML would make of it', async () => {
  const path = join(folder, 'url.yaml');
  await initCommand(path, { url: 'http://h:8000/v1?a=b: #c' }, fakeConsole());
  expect(resolved(readFileSync(path, 'utf8')).resolved.scenario.endpoint.url).toMatch(
    /^http:\/\/h:8000\/v1\?a=b/,
  );
  const wrong = initCommand(join(folder, 'wrong.yaml'), { url: 'nonsense://x' }, fakeConsole());
  await expect(wrong).rejects.toMatchObject({ kind: 'usage', exitCode: 104 });
});

test('each commented choice is valid where it stands', () => {
  const template = scenarioTemplate({ url: 'http://h/v1', schema: 'x' });
  const choices = template.split('\n').filter((line) => /^ {2}# [a-zA-Z]+: /.test(line));
  expect(choices.length).toBeGreaterThanOrEqual(8);
  for (const choice of choices) {
    let text = template.replace(choice, choice.replace('# ', ''));
    // A commented alternative replaces the lines that it names.
    if (choice.includes('concurrency:')) text = text.replace(/^ {2}(rate|arrivals): .*\n/gm, '');
    if (choice.includes('stages:')) text = text.replace(/^ {2}(rate|duration): .*\n/gm, '');
    if (choice.includes('prompts:')) text = text.replace(/^ {2}input: .*\n/m, '');
    const resolve = () =>
      resolveScenario({ file: { path: 'g.yaml', text }, env: { MY_KEY: 'k' }, flags: {} });
    expect(resolve).not.toThrow();
  }
});

test('its first line names the schema in a way that holds on other machines', async () => {
  const target = async (path: string): Promise<string> => {
    await initCommand(path, {}, fakeConsole());
    return /^# yaml-language-server: \$schema=(.+)\n/.exec(readFileSync(path, 'utf8'))![1]!;
  };
  const published = await target(join(folder, 'schema.yaml'));
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { $id: string; title: string };
  expect(schema.title).toBe('goodput scenario');
  expect(published).toBe(schema.$id);
  // Above the installed package the file itself is near.
  const near = join(ROOT, `init-test-${process.pid}.yaml`);
  try {
    expect(await target(near)).toBe('./docs/scenario.schema.json');
  } finally {
    rmSync(near, { force: true });
  }
});

test('the package ships the schema that it names', () => {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
  expect(files).toContain('docs');
});

test('it never overwrites without --force', async () => {
  const path = join(folder, 'mine.yaml');
  writeFileSync(path, 'mine');
  await expect(initCommand(path, {}, fakeConsole())).rejects.toMatchObject({
    kind: 'usage',
    exitCode: 104,
    message: `${path} exists and was not changed`,
    hint: expect.stringContaining('--force'),
  });
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(await initCommand(path, { force: true }, fakeConsole())).toBe(0);
  expect(readFileSync(path, 'utf8')).not.toBe('mine');
});

test('a place that cannot be written', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  await expect(initCommand(join(folder, 'a-file', 'x.yaml'), {}, fakeConsole())).rejects.toThrow(
    'its folder is a file',
  );
  await expect(initCommand(folder, { force: true }, fakeConsole())).rejects.toThrow('it is a folder');
});
