import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, YAMLError } from 'yaml';
import { isMap as isTree } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import type { Path } from './keys/problem.ts';
import { maskReferences, unmaskReferences } from './mask.ts';

export interface Position {
  /** Both from 1. */
  line: number;
  column: number;
}

/** A parsed scenario file, before its values are checked. */
export interface ScenarioFile {
  path: string;
  tree: Tree;
  /** YAML's own mistakes, in the order of the text. */
  mistakes: readonly { position: Position; message: string }[];
  /** True if the text could not be parsed as intended, so that further mistakes are not worth reporting. */
  broken: boolean;
  /**
   * Returns the position of a key or of its value; for a path that does not exist, that of the nearest ancestor.
   * `offset` is an offset in the value's text, `find` a part of it as written.
   */
  locate(
    path: Path,
    at: 'key' | 'value',
    within?: { offset?: number | undefined; find?: string | undefined },
  ): Position;
}

/** Parser errors that do not affect the rest of the file. */
const HARMLESS = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

const TAB = 'a tab indents this line; YAML allows only spaces there';

/** Reads a YAML or JSON file. Never throws: errors are in `mistakes`. */
export function readScenarioFile(path: string, source: string): ScenarioFile {
  const text = maskReferences(source.replace(/^\uFEFF/, ''));
  const { document, broken: unreadable, text: read, position, tabs } = parse(text);
  const problems = [...relevantErrors(document.errors), ...document.warnings];
  const mistakes = [
    ...tabs.map((at) => ({ position: at, message: TAB })),
    ...problems.map((problem) => ({ position: position(problem.pos[0]), message: messageOf(problem, read) })),
  ];
  let broken = unreadable;

  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      mistakes.push({
        position: position(alias.range?.[0] ?? 0),
        message: `unknown anchor &${alias.source}`,
      });
      broken = true;
    },
  });

  let tree: unknown = {};
  if (!broken) {
    try {
      tree = unmaskReferences(document.toJS() ?? {});
    } catch {
      mistakes.push({ position: position(0), message: 'aliases expand the file to an excessive size' });
      broken = true;
    }
  }
  if (!broken && !isTree(tree)) {
    const at = position(document.contents?.range?.[0] ?? 0);
    mistakes.push({
      position: at,
      message: 'not a map; expected keys like endpoint, workload and load',
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
  /** The text that the document's offsets refer to. */
  text: string;
  position: (offset: number) => Position;
  tabs: readonly Position[];
}

/**
 * Parses a text. Tabs used as indentation break the parse of all that follows, so each is replaced by a number of spaces to find
 * the other mistakes of the file as well; if no number works, only the tabs are reported.
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

/** Parses once. Positions are those of `original`, the text before each of its tabs became `width` spaces. */
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

/** Removes keys without a value, e.g. because everything below is commented out. Within `body`, null is a value. */
function withoutNulls(tree: Tree): Tree {
  const entries = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isTree(value) && key !== 'body' ? withoutNulls(value) : value]),
  );
}

/** Returns the parser's message without its quotations of the source, which may be secret. */
function messageOf(error: YAMLError, text: string): string {
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^["']?([\w.-]{1,60})/.exec(text.slice(error.pos[0]))?.[1];
      return `duplicate key${key === undefined ? '' : ` "${key}"`} in this map`;
    }
    case 'MULTIPLE_DOCS':
      return 'a second YAML document begins here; expected one scenario per file';
    default:
      return `YAML: ${withoutSource(error.message)}`;
  }
}

/** Returns the errors to report: after the first serious one, the parser's further errors are consequences of it. */
function relevantErrors(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find((error) => !HARMLESS.has(error.code));
  return errors.filter((error) => HARMLESS.has(error.code) || error === first);
}

/** Removes quotations: directives, tags and escapes within the sentence, everything else after a colon. */
const withoutSource = (message: string): string =>
  message
    .split('\n', 1)[0]!
    .replace(/(?<=\w): .*$/, '')
    .replaceAll(/ [%!\\]\S+/g, '');

interface Found {
  key: Node | null;
  value: Node | null;
  /** False if only an ancestor of the path exists. */
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
    // With duplicate keys, the last one's value is used.
    const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair === undefined ? null : { key: asNode(pair.key), value: asNode(pair.value), exact: true };
  }
  const item = isSeq(node) && typeof step === 'number' ? asNode(node.items[step]) : null;
  return item === null ? null : { key: null, value: item, exact: true };
}

/** Returns the offset in the written value at which a part of its text begins; 0 if escapes or folding hide it. */
function offsetIn(
  text: string,
  node: Node | null,
  within: { offset?: number | undefined; find?: string | undefined },
): number {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return 0;
  const [start, end] = node.range;
  if (within.find !== undefined)
    return Math.max(0, text.slice(start, end).indexOf(maskReferences(within.find)));
  const quote = /["']/.test(text[start]!) ? 1 : 0;
  return within.offset !== undefined && text.startsWith(node.value, start + quote)
    ? quote + within.offset
    : 0;
}
