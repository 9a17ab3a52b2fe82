import { readFileSync, statSync } from 'node:fs';
import { reasonOf } from '../system-errors.ts';
import { isMap, type Tree } from './keys/map.ts';

/** A larger file is not the configuration of a model. */
const MOST_BYTES = 1024 * 1024;

/** Returns the content of a model's config.json, or the problem with it. */
export function readModelConfig(path: string): { config: Tree } | { wrong: string } {
  const hint = 'expected the config.json of a model, as on the Hugging Face hub';
  let text = '';
  try {
    const file = statSync(path);
    if (!file.isFile()) return { wrong: `${path} is not a file; ${hint}` };
    if (file.size > MOST_BYTES) return { wrong: `${path} is larger than 1 MiB; ${hint}` };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { wrong: `cannot read ${path}: ${reasonOf(error)}; ${hint}` };
  }
  try {
    const config: unknown = JSON.parse(text);
    return isMap(config) ? { config } : { wrong: `${path} has no JSON object; ${hint}` };
  } catch {
    return { wrong: `${path} is not valid JSON; ${hint}` };
  }
}
