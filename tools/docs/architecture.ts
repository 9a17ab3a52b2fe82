import { readFileSync } from 'node:fs';
import { fill, table } from '../../test/docs/markdown.ts';
import { type Module, MODULES } from '../modules.ts';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns docs/architecture.md: its text is a page of its own, the diagram and the table of modules come from `tools/modules.ts`. */
export function architecturePage(): string {
  const template = readFileSync(new URL('pages/architecture.md', import.meta.url), 'utf8');
  const basics = basicsOf(MODULES);
  return fill(template, {
    basics: basics.map((name) => `\`${name}\``).join(', '),
    diagram: diagram(MODULES),
    modules: table(
      ['module', 'what it does', 'may import'],
      Object.entries(MODULES).map(([name, { does, imports }]) => [
        `\`${name}\``,
        does,
        importsText(imports, basics),
      ]),
    ),
  });
}

/** Files right under `src/` that import no folder: any module may use them, so the diagram leaves them out. */
function basicsOf(modules: Readonly<Record<string, Module>>): string[] {
  const isFile = (name: string): boolean => name.endsWith('.ts');
  return Object.keys(modules).filter((name) => isFile(name) && modules[name]!.imports.every(isFile));
}

function importsText(imports: readonly string[], basics: readonly string[]): string {
  if (imports.includes('*')) return 'all modules';
  const folders = imports.filter((name) => !basics.includes(name));
  const files = imports.filter((name) => basics.includes(name));
  return [...folders, ...files].map((name) => `\`${name}\``).join(', ') || 'nothing';
}

/** A Mermaid diagram with a node per folder right under `src/`. An arrow that follows from others is left out. */
export function diagram(modules: Readonly<Record<string, Module>>): string {
  const reduced = reduce(folders(modules));
  const id = (name: string): string => name.replaceAll(/\W/g, '_');
  const nodes = [...reduced.keys()].map((name) => `  ${id(name)}["${name}"]`);
  const arrows = [...reduced].flatMap(([from, targets]) =>
    [...targets].map((to) => `  ${id(from)} --> ${id(to)}`),
  );
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}

/** Returns which folder right under `src/` may import which; the modules inside a folder count as that folder. Files are left out. */
function folders(modules: Readonly<Record<string, Module>>): Graph {
  const isFile = (name: string): boolean => name.endsWith('.ts');
  const names = Object.keys(modules);
  const graph = new Map<string, Set<string>>();
  for (const [at, name] of names.entries()) {
    if (isFile(name)) continue;
    const from = folderOf(name);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    // A module that may import everything is drawn as importing what the table lists before it.
    const { imports } = modules[name]!;
    const allowed = imports.includes('*') ? names.slice(0, at) : imports;
    for (const to of allowed.map(folderOf)) if (to !== from && !isFile(to)) targets.add(to);
  }
  return graph;
}

const folderOf = (name: string): string => name.split('/')[0]!;

/**
 * Returns the transitive reduction of a graph without cycles: the fewest arrows from which the same nodes can be reached.
 * @throws if the graph has a cycle
 */
export function reduce(graph: Graph): Graph {
  const reachable = new Map<string, ReadonlySet<string>>();
  const visit = (node: string, path: readonly string[]): ReadonlySet<string> => {
    const known = reachable.get(node);
    if (known !== undefined) return known;
    if (path.includes(node)) throw new Error(`import cycle: ${[...path, node].join(' → ')}`);
    const found = new Set<string>();
    for (const target of graph.get(node) ?? []) {
      found.add(target);
      for (const further of visit(target, [...path, node])) found.add(further);
    }
    reachable.set(node, found);
    return found;
  };
  for (const node of graph.keys()) visit(node, []);
  return new Map(
    [...graph].map(([node, targets]) => [
      node,
      new Set([...targets].filter((to) => ![...targets].some((other) => reachable.get(other)?.has(to)))),
    ]),
  );
}
