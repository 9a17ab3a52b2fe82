import { expect, test } from 'vitest';
import { diagram, reduce } from '../../tools/docs/architecture.ts';
import { MODULES } from '../../tools/modules.ts';

const graphOf = (arrows: Readonly<Record<string, string>>): Map<string, Set<string>> =>
  new Map(Object.entries(arrows).map(([from, targets]) => [from, new Set(targets)]));

test('the reduction of a graph keeps the arrows that follow from no others', () => {
  // a > d follows from a > b > d, and a > e from a > b > d > e.
  expect(reduce(graphOf({ a: 'bcde', b: 'd', c: 'd', d: 'e', e: '' }))).toEqual(
    graphOf({ a: 'bc', b: 'd', c: 'd', d: 'e', e: '' }),
  );
  expect(() => reduce(graphOf({ a: 'b', b: 'c', c: 'a' }))).toThrow(/import cycle: a → b → c → a/);
});

test('the diagram leads from each module to all that it may import, with few enough nodes to read', () => {
  const arrows = [...diagram(MODULES).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(([, from, to]) => [
    from!,
    to!,
  ]);
  const reaches = (from: string, to: string): boolean =>
    from === to || arrows.some(([start, end]) => start === from && reaches(end!, to));
  const nodeOf = (name: string): string => name.split('/')[0]!.replaceAll('-', '_');
  for (const [name, { imports }] of Object.entries(MODULES)) {
    for (const to of imports) {
      // Files right under src/ and modules that may import everything are not drawn one by one.
      if (to.endsWith('.ts') || to === '*' || name.endsWith('.ts')) continue;
      expect(reaches(nodeOf(name), nodeOf(to)), `${name} → ${to}`).toBe(true);
    }
  }
  expect([...diagram(MODULES).matchAll(/^ {2}\w+\[/gm)].length).toBeLessThanOrEqual(44);
});
