import type { SourceDocument, SourceFile } from './documents.ts';
import type { ImportedSource } from './imported-source.ts';
import type { KnownTool } from './known-tools.ts';

/** A tool whose files can be imported, with their reader. */
export interface ImportTool extends KnownTool {
  /** Returns true if the first value of a file is one that the tool writes, with or without its requests. */
  recognises(value: unknown): boolean;
  /** Returns true if the value holds requests, or is one. */
  hasRequests(value: unknown): boolean;
  /** Returns true for a value without requests that says how they were sent, which `read` uses. */
  isCompanion?(value: unknown): boolean;
  /** Returns the path of the companion that the tool writes next to a file. */
  companionOf?(path: string): string;
  /**
   * Reads the benchmarks of one file.
   * @param companions values without requests, of the same command
   * @throws {GoodputError} of kind `usage` naming a wrong value
   */
  read(file: SourceFile, companions: readonly unknown[]): Promise<ImportedSource[]>;
}

/** Returns a reader of files whose every value is one benchmark or several. */
export const eachDocument =
  (read: (document: SourceDocument, companions: readonly unknown[]) => ImportedSource | ImportedSource[]) =>
  async (file: SourceFile, companions: readonly unknown[]): Promise<ImportedSource[]> => {
    const sources: ImportedSource[] = [];
    for await (const document of file.documents()) sources.push(...[read(document, companions)].flat());
    return sources;
  };
