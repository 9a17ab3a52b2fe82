import { GoodputError, didYouMean } from '../errors.ts';
import { openSource, type SourceFile } from './documents.ts';
import type { ImportedSource } from './imported-source.ts';
import type { ImportTool } from './import-tool.ts';
import { KNOWN_TOOL_NAMES } from './known-tools.ts';
import { IMPORT_TOOLS } from './tools.ts';

/** The files of one import, read. */
export interface ReadFiles {
  tool: ImportTool;
  sources: ImportedSource[];
  /** Names without folders. */
  names: string[];
  modified_ms: number;
}

/**
 * Returns the tool with this name.
 * @throws {GoodputError} of kind `usage` if there is none
 */
export function toolNamed(name: string): ImportTool {
  const found = IMPORT_TOOLS.find((tool) => tool.name === name);
  if (found !== undefined) return found;
  const near = didYouMean(name, KNOWN_TOOL_NAMES);
  throw new GoodputError(
    'usage',
    `unknown tool "${name}"${near === null ? '' : ` (did you mean "${near}"?)`}`,
    {
      hint: `Tools: ${KNOWN_TOOL_NAMES.join(', ')}.`,
    },
  );
}

/**
 * Reads the files of a tool.
 * @throws {GoodputError} of kind `usage` if a file cannot be read, belongs to another tool, or has no requests
 */
export async function readFiles(tool: ImportTool, paths: readonly string[]): Promise<ReadFiles> {
  const files: SourceFile[] = [];
  const companions: unknown[] = [];
  const names: string[] = [];
  for (const path of paths) {
    const file = await openSource(path);
    const first = await firstValue(file);
    names.push(file.name);
    if (tool.isCompanion?.(first) === true) {
      companions.push(first);
      continue;
    }
    assertOf(tool, first, path);
    files.push(file);
    const next = companions.length === 0 ? await companionNextTo(tool, path) : null;
    if (next === null) continue;
    companions.push(next.value);
    names.push(next.name);
  }
  if (files.length === 0) throw withoutRequests(tool, paths.join(', '));
  const sources: ImportedSource[] = [];
  for (const file of files) sources.push(...(await tool.read(file, companions)));
  return { tool, sources, names, modified_ms: Math.max(...files.map((file) => file.modified_ms)) };
}

async function firstValue(file: SourceFile): Promise<unknown> {
  for await (const { value } of file.documents()) return value;
  return undefined;
}

/** Returns the companion that the tool wrote next to a file; `null` if there is none, or another file has its name. */
async function companionNextTo(
  tool: ImportTool,
  path: string,
): Promise<{ name: string; value: unknown } | null> {
  const companion = tool.companionOf?.(path);
  if (companion === undefined || companion === path) return null;
  try {
    const file = await openSource(companion);
    const value = await firstValue(file);
    return tool.isCompanion?.(value) === true ? { name: file.name, value } : null;
  } catch (error) {
    if (error instanceof GoodputError) return null;
    throw error;
  }
}

function assertOf(tool: ImportTool, value: unknown, path: string): void {
  if (tool.recognises(value)) {
    if (tool.hasRequests(value)) return;
    throw withoutRequests(tool, path);
  }
  const other = IMPORT_TOOLS.find((each) => each.recognises(value));
  if (other !== undefined)
    throw new GoodputError('usage', `${path} is a file of ${other.label}, not of ${tool.label}`, {
      hint: `Try goodput import ${other.name} ${path}.`,
    });
  throw new GoodputError('usage', `${path} is not a result file of ${tool.label} that goodput can read`, {
    hint: `Name the file that is written by: ${tool.writtenBy}.`,
  });
}

const withoutRequests = (tool: ImportTool, path: string): GoodputError =>
  new GoodputError('usage', `${path} has only totals, no single requests`, {
    hint: `${tool.label} writes them with: ${tool.writtenBy}.`,
  });
