import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, YAMLError } from 'yaml';
import { isMap as isTree } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import type { Path } from './keys/problem.ts';
import { unveil, veil } from './veil.ts';

export interface Position {
  /** Both from 1. */
  line: number;
  column: number;
}

/** What the text of a scenario file says, before anyone asks whether it makes sense. */
export interface ScenarioFile {
  path: string;
  tree: Tree;
  /** YAML's own mistakes, in the order of the text. */
  mistakes: readonly { position: Position; message: string }[];
  /** The tree is not what was meant: its other mistakes are not worth telling. */
  broken: boolean;
  /**
   * Where a key or its value stands; of a path that does not exist, the nearest ancestor's place. `offset` counts in
   * the value's text, `find` looks for a part of it as written.
   */
  locate(
    path: Path,
    at: 'key' | 'value',
    within?: { offset?: number | undefined; find?: string | undefined },
  ): Position;
}

/** Mistakes that leave the meaning of everything else clear. */
const HARMLESS = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

const TAB = 'a tab indents this line; expected spaces, as YAML knows no tabs there';

/** A YAML (so also a JSON) file. Never throws: what is wrong is in `mistakes`. */
export function readScenarioFile(path: string, source: string): ScenarioFile {
  const text = veil(source.replace(/^\uFEFF/, ''));
  const { document, broken: unreadable, text: read, position, tabs } = parse(text);
  const problems = [...worthTelling(document.errors), ...document.warnings];
  const mistakes = [
    ...tabs.map((at) => ({ position: at, message: TAB })),
    ...problems.map((problem) => ({ position: position(problem.pos[0]), message: words(problem, read) })),
  ];
  let broken = unreadable;

  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      mistakes.push({
        position: position(alias.range?.[0] ?? 0),
        message: `no anchor &${alias.source} stands before this`,
      });
      broken = true;
    },
  });

  let tree: unknown = {};
  if (!broken) {
    try {
      tree = unveil(document.toJS() ?? {});
    } catch {
      mistakes.push({ position: position(0), message: 'aliases multiply the file beyond all measure' });
      broken = true;
    }
  }
  if (!broken && !isTree(tree)) {
    const at = position(document.contents?.range?.[0] ?? 0);
    mistakes.push({
      position: at,
      message: 'this is no map; expected keys like endpoint, workload and load',
    });
    broken = true;
  }

  return {
    path,
    tree: !broken && isTree(tree) ? withoutNulls(tree) : {},
    mistakes,
    broken,
    locate(path, at, within = {}) {
      const found = nodeAt(document, path);
      if (found === null) return position(document.contents?.range?.[0] ?? 0);
      const { key, value, exact } = found;
      const node = (at === 'key' || !exact) && key !== null ? key : (value ?? key);
      const start = node?.range?.[0] ?? 0;
      return position(start + (node === value && exact ? offsetIn(read, value, within) : 0));
    },
  };
}

interface Parse {
  document: Document;
  broken: boolean;
  /** What the document's offsets count in. */
  text: string;
  position: (offset: number) => Position;
  tabs: readonly Position[];
}

/**
 * Tabs at the beginning of lines confuse the parser about all that follows. With each tab taken for some spaces the file
 * mostly makes sense, and its other mistakes can be told beside the tabs; else the tabs alone are told.
 */
function parse(text: string): Parse {
  const plain = parseOnce(text, 1);
  const tabs = plain.document.errors.filter((error) => error.code === 'TAB_AS_INDENT');
  if (tabs.length === 0) return plain;
  for (const width of [2, 4, 8, 1]) {
    const spaced = text.replaceAll(/^[ \t]+/gm, (indent) => indent.replaceAll('\t', ' '.repeat(width)));
    const again = parseOnce(spaced, width, text);
    if (again.broken) continue;
    return { ...again, tabs: tabs.map((error) => plain.position(error.pos[0])) };
  }
  plain.document.errors = [];
  return { ...plain, broken: true, tabs: tabs.map((error) => plain.position(error.pos[0])) };
}

/** `original`: the text before its tabs became `width` spaces each; positions are those of the original. */
function parseOnce(text: string, width: number, original = text): Parse {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, merge: true, lineCounter: lines });
  const originalLines = original.split('\n');
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    const added = tabsOf(originalLines[line - 1] ?? '') * (width - 1);
    return { line, column: Math.max(1, col - added) };
  };
  return {
    document,
    broken: document.errors.some((error) => !HARMLESS.has(error.code)),
    text,
    position,
    tabs: [],
  };
}

const tabsOf = (line: string): number => /^[ \t]*/.exec(line)![0].split('\t').length - 1;

/** A key without a value, as where everything below it is commented out, is as good as absent; a `body` may mean it. */
function withoutNulls(tree: Tree): Tree {
  const entries = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isTree(value) && key !== 'body' ? withoutNulls(value) : value]),
  );
}

/** The parser's sentence without what it quotes of the source, which may be a secret. */
function words(error: YAMLError, text: string): string {
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^["']?([\w.-]{1,60})/.exec(text.slice(error.pos[0]))?.[1];
      return `the key ${key === undefined ? '' : `${key} `}stands twice in this map; expected one of them`;
    }
    case 'MULTIPLE_DOCS':
      return 'a second YAML document begins here; expected one scenario a file';
    default:
      return `YAML: ${withoutSource(error.message)}`;
  }
}

/** Once the parser has lost its way its further complaints are about itself: of those only the first is the user's. */
function worthTelling(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find((error) => !HARMLESS.has(error.code));
  return errors.filter((error) => HARMLESS.has(error.code) || error === first);
}

/** Directives, tags and escapes stand bare in the sentence, everything else after a colon. */
const withoutSource = (message: string): string =>
  message
    .split('\n', 1)[0]!
    .replace(/(?<=\w): .*$/, '')
    .replaceAll(/ [%!\\]\S+/g, '');

interface Found {
  key: Node | null;
  value: Node | null;
  /** `false`: the path ends deeper than the file does. */
  exact: boolean;
}

function nodeAt(document: Document, path: Path): Found | null {
  if (document.contents === null) return null;
  let found: Found = { key: null, value: document.contents, exact: true };
  for (const step of path) {
    const value = isAlias(found.value) ? (found.value.resolve(document) ?? null) : found.value;
    const next = childOf(value, step);
    if (next === null) return { ...found, exact: false };
    found = next;
  }
  return found;
}

const asNode = (value: unknown): Node | null => (isNode(value) ? value : null);

function childOf(node: Node | null, step: string | number): Found | null {
  if (isMap(node)) {
    // The last of doubled keys is the one whose value counts.
    const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair === undefined ? null : { key: asNode(pair.key), value: asNode(pair.value), exact: true };
  }
  const item = isSeq(node) && typeof step === 'number' ? asNode(node.items[step]) : null;
  return item === null ? null : { key: null, value: item, exact: true };
}

/** How far into the written value a part of its text begins; 0 where escapes or folding blur it. */
function offsetIn(
  text: string,
  node: Node | null,
  within: { offset?: number | undefined; find?: string | undefined },
): number {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return 0;
  const [start, end] = node.range;
  if (within.find !== undefined) return Math.max(0, text.slice(start, end).indexOf(veil(within.find)));
  const quote = /["']/.test(text[start]!) ? 1 : 0;
  return within.offset !== undefined && text.startsWith(node.value, start + quote)
    ? quote + within.offset
    : 0;
}
