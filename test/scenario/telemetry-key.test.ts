import { expect, test } from 'vitest';
import { inOrder, marked, mistakes, resolve } from './resolving.ts';

const targets = (text: string) => resolve(text).resolved.scenario.telemetry.map(({ target }) => target);

test('a URL without a path is that of the page of metrics', () => {
  expect(targets('telemetry: [http://a:8000, https://b/x?y=1, endpoint, nvidia-smi]\n')).toEqual([
    'http://a:8000/metrics',
    'https://b/x?y=1',
    'endpoint',
    'nvidia-smi',
  ]);
  expect(targets('telemetry: http://a:8000/\n')).toEqual(['http://a:8000/metrics']);
  expect(targets('seed: 1\n')).toEqual([]);
});

test.for([
  ['telemetry: [¦localhost:8000]', 'did you mean http://localhost:8000'],
  ['telemetry: [endpoint, ¦nvidia-sm]', 'did you mean nvidia-smi'],
  ['telemetry: [¦ftp://a/metrics]', 'unsupported scheme ftp'],
  ['telemetry: [¦7]', 'the URL of a page of metrics'],
  ['run: { telemetryEvery: ¦10ms }', 'at least 100ms'],
] as const)('%s: %s', ([given, expected]) => {
  const { text, places } = marked(`${given}\n`);
  expect(mistakes(text)[0]).toMatch(inOrder(`some/chat.yaml:${places[0]} … ${expected}`));
});

test('credentials are masked in run.json and in messages, and kept for the scrape', () => {
  const text = 'telemetry: ["http://user:hunter2@a:8000/?token=abcdef12"]\n';
  const { scenario, echo } = resolve(text).resolved;
  expect(scenario.telemetry[0]!.target).toContain('hunter2');
  expect(JSON.stringify(echo)).not.toMatch(/hunter2|abcdef12/);
  expect(echo['telemetry']).toEqual(['http://***@a:8000/?token=***']);
  expect(mistakes('telemetry: ["ftp://user:hunter2@a:8000/?token=abcdef12"]\n').join()).not.toMatch(
    /hunter2|abcdef12/,
  );
});
