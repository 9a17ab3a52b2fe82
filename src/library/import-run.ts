import { importedRun } from '../importers/imported-run.ts';
import { merge } from '../importers/merge.ts';
import { readFiles, toolNamed } from '../importers/read-files.ts';
import { finish } from '../measure/finish.ts';
import { createRunFolder, type RunPlace } from '../record/folder.ts';
import { type ConditionNames, parseConditions } from '../score/conditions.ts';
import type { Score } from '../score/score.ts';
import { VERSION } from '../version.ts';
import { listOf, OPTION_NAMES } from './score.ts';

/** The files to import, and the conditions to judge them by. */
export interface ImportOptions {
  /** Name of the tool: vllm, sglang, aiperf, guidellm, inference-perf, genai-bench, llmperf. */
  tool: string;
  /** The files that the tool wrote. */
  files: readonly string[];
  /** The run folder to write. Default: `reports/<tool>-<time>`. */
  out?: string | undefined;
  /** Limits that each request must meet: `ttft<=200ms,tpot<=50ms`, or a list. */
  slo?: string | readonly string[] | undefined;
  /** Published limits, by name. */
  sloPreset?: string | undefined;
  /** Conditions on the run: `attainment >= 90%`. */
  gates?: string | readonly string[] | undefined;
  /** Treats a suspect run as invalid. */
  strict?: boolean | undefined;
}

/**
 * Writes a run folder from what another tool recorded per request, like `goodput import`.
 * @param names the names of conditions in errors
 * @throws {GoodputError} kind `usage` if a file cannot be imported, a condition is wrong or the folder exists; `io` if the disk fails
 */
export async function importRun(
  options: ImportOptions,
  names: ConditionNames = OPTION_NAMES,
): Promise<Score> {
  const { out, slo, sloPreset, gates, strict = false } = options;
  const texts = { slo: listOf(slo), sloPreset, gates: listOf(gates) };
  parseConditions(texts, names);
  const limits = sloPreset === undefined ? texts.slo : [sloPreset, ...texts.slo];
  const {
    tool,
    sources,
    names: files,
    modified_ms,
  } = await readFiles(toolNamed(options.tool), options.files);
  const { header, samples } = importedRun(merge(sources), {
    version: VERSION,
    tool: tool.name,
    name: tool.name,
    files,
    modified_ms,
    conditions: {
      ...(limits.length === 0 ? {} : { slo: limits.join(',') }),
      ...(texts.gates.length === 0 ? {} : { gates: [...texts.gates] }),
    },
  });
  const place: RunPlace =
    out === undefined ? { base: 'reports', name: tool.name, now: new Date() } : { dir: out };
  const folder = await createRunFolder(place, { ...header, status: 'running', window: null, planned: null });
  await folder.append(samples);
  await folder.close(header);
  const { score, error } = await finish({ folder, status: 'complete', error: null }, { strict });
  if (error !== null) throw error;
  return score;
}
