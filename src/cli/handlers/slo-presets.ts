import { EXIT, GoodputError } from '../../errors.ts';
import { SLO_PRESETS } from '../../slo/slo-presets.ts';
import { renderJson } from '../../render/writers/json.ts';
import { renderPresets } from '../../render/slo-presets.ts';
import { styleOf } from '../../render/layout/style.ts';
import type { Io } from '../console/io.ts';

/**
 * `goodput slo-presets`: the published limits that have a name here.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` where no name has all of the words
 */
export function sloPresetsCommand(words: readonly string[], options: { json?: true }, io: Io): number {
  const presets = SLO_PRESETS.filter(({ name }) => words.every((word) => name.includes(word.toLowerCase())));
  if (presets.length === 0) {
    throw new GoodputError('usage', `no SLO preset has ${words.join(' and ')} in its name`, {
      hint: 'goodput slo-presets lists all of them',
    });
  }
  io.stdout.write(
    options.json === true
      ? renderJson({ schemaVersion: 1, presets })
      : renderPresets(presets, styleOf(io.stdout, io.env, { color: true })),
  );
  return EXIT.ok;
}
