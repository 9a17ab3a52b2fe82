import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'reports/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
    .replaceAll(' ', '-');

function anchorsOf(page: string): Set<string> {
  const text = readFileSync(page, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!)));
}

test.each(PAGES)('%s links to files and headings that exist', (page) => {
  const file = join(ROOT, page);
  const text = readFileSync(file, 'utf8');
  const broken = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(
    ([, path, anchor]) => {
      const target = path === '' ? file : join(dirname(file), path!);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    },
  );
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** This page names files of other repositories, where its facts come from. */
const NAMES_OTHERS = join('docs', 'endpoints.md');

test.each(PAGES.filter((page) => page !== NAMES_OTHERS))(
  '%s names only files of the repository that exist',
  (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const named = [...text.matchAll(/(?<![\w/.])(?:src|test|tools|bench|docs|scenarios)\/[\w./-]*\w\/?/g)];
    const missing = named.map(([path]) => path).filter((path) => !existsSync(join(ROOT, path)));
    expect([...new Set(missing)]).toEqual([]);
  },
);
