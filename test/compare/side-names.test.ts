import { expect, test } from 'vitest';
import { sideNames } from '../../src/compare/side-names.ts';

interface Given {
  name?: string;
  url?: string;
  model?: string | null;
  simulated?: boolean;
  dirs?: string[];
}

const namesOf = (...sides: [Given, Given]): string[] => {
  const [base, next] = sides.map(
    ({ name, dirs = ['r/x'], url = 'http://h/v1', model = 'm', simulated = false }) =>
      Object.assign(name === undefined ? {} : { name }, {
        url,
        model,
        simulated,
        runs: dirs.map((dir) => ({ dir })),
      }),
  );
  return sideNames(base!, next!);
};

const against = [{ name: 'base' }, { name: 'new' }] as const;

test.each<[what: string, base: Given, next: Given, expected: string[]]>([
  ['the names of endpoints', { name: 'blue' }, { name: 'green' }, ['blue', 'green']],
  ['an endpoint that is called base', { name: 'base' }, { name: 'b' }, ['base', 'b']],
  [
    '--against: host and port',
    { ...against[0], url: 'http://127.0.0.1:8000/v1' },
    { ...against[1], url: 'http://127.0.0.1:8001/v1' },
    ['127.0.0.1:8000', '127.0.0.1:8001'],
  ],
  [
    '--against: services',
    { ...against[0], url: 'https://api.a.example/v1' },
    { ...against[1], url: 'https://api.b.example/openai/v1' },
    ['api.a.example', 'api.b.example'],
  ],
  [
    '--against: one host, two paths',
    { ...against[0], url: 'http://h/a/v1' },
    { ...against[1], url: 'http://h/b/v1' },
    ['http://h/a/v1', 'http://h/b/v1'],
  ],
  [
    '--against: the model',
    { ...against[0], model: 'small' },
    { ...against[1], model: 'large' },
    ['small', 'large'],
  ],
  [
    '--against, of one model and server: not the folders, whose names say nothing',
    { ...against[0], dirs: ['r/01-base'] },
    { ...against[1], dirs: ['r/01-new'] },
    ['base', 'new'],
  ],
  [
    'the embedded endpoint, which has another port in each run',
    { ...against[0], simulated: true, url: 'http://127.0.0.1:40001/v1' },
    { ...against[1], simulated: true, url: 'http://127.0.0.1:40002/v1' },
    ['base', 'new'],
  ],
  [
    'two folders, though the hosts differ',
    { dirs: ['reports/before'], url: 'http://a/v1' },
    { dirs: ['reports/after/'], url: 'http://b/v1' },
    ['before', 'after'],
  ],
  ['folders of one name', { dirs: ['a/run'] }, { dirs: ['b/run'] }, ['a/run', 'b/run']],
  ['one folder twice', { dirs: ['a/run'] }, { dirs: ['a/run'] }, ['base', 'new']],
  [
    'several folders a side: host and port',
    { dirs: ['a-1', 'a-2'], url: 'http://a:1/v1' },
    { dirs: ['b-1', 'b-2'], url: 'http://a:2/v1' },
    ['a:1', 'a:2'],
  ],
  [
    'several folders of one server: how the names of each side begin',
    { dirs: ['r/before-1', 'r/before-2'] },
    { dirs: ['r/after.01', 'r/after.02'] },
    ['before', 'after'],
  ],
  [
    'several folders whose names have nothing in common',
    { dirs: ['r/1', 'r/2', 'r/3'] },
    { dirs: ['r/4', 'r/5'] },
    ['1 + 2 more', '4 + 1 more'],
  ],
  ['not a URL', { ...against[0], url: 'x' }, { ...against[1], url: 'y' }, ['x', 'y']],
])('%s', (_, base, next, expected) => {
  expect(namesOf(base, next)).toEqual(expected);
});
