import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioWithoutComments } from '../../src/emit/scenario-text.ts';
import { readScenarioFile } from '../../src/scenario/file.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'scenarios');

test.for(globSync('*.yaml', { cwd: FOLDER }))('%s means the same without its comments', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const bare = scenarioWithoutComments(text);
  expect(readScenarioFile(name, bare).tree).toEqual(readScenarioFile(name, text).tree);
  expect(text).toMatch(/^\s*#/m);
  expect(bare).not.toMatch(/(^|\s)#/);
});

test('comments go, wherever they are; references, anchors and quoted hashes stay', () => {
  const text = `# one
base: &b { a: 1 } # two
list: # three
  # four
  - x # five
  - '# kept'
  # six
key: \${NAME} # seven
flow: { k: \${NAME} } # eight
own: { <<: *b, c: 2 }
# nine
`;
  const bare = scenarioWithoutComments(text);
  expect(bare).not.toMatch(/one|two|three|four|five|six|seven|eight|nine/);
  expect(readScenarioFile('x', bare).tree).toEqual({
    base: { a: 1 },
    list: ['x', '# kept'],
    key: '${NAME}',
    flow: { k: '${NAME}' },
    own: { a: 1, c: 2 },
  });
});
