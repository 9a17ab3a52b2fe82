import { fileError, suggestion } from '../dataset/model/record-error.ts';

const PLACE = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

/** A text with places for fields, written `{{name}}`. */
export class PromptTemplate {
  /** The texts around the places: one more than there are places. */
  readonly #texts: readonly string[];
  readonly #places: readonly string[];

  /**
   * @param path of the file, for errors
   * @throws {GoodputError} kind `usage` for a place whose field is unknown, or if there is no place
   */
  constructor(path: string, source: string, fields: Iterable<string>) {
    const text = source.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
    const known = new Set(fields);
    const texts: string[] = [];
    const places: string[] = [];
    let done = 0;
    for (const { index, 0: place, 1: name } of text.matchAll(PLACE)) {
      if (!known.has(name!))
        throw fileError(
          path,
          text.slice(0, index).split('\n').length,
          `no field ${JSON.stringify(name)}${suggestion(name!, known)}`,
          { hint: `The fields are ${[...known].join(', ')}.` },
        );
      texts.push(text.slice(done, index));
      places.push(name!);
      done = index + place.length;
    }
    if (places.length === 0)
      throw fileError(
        path,
        null,
        'has no place for a field, such as {{name}}, so all prompts would be equal',
      );
    this.#texts = [...texts, text.slice(done)];
    this.#places = places;
  }

  /** The fields that the template uses. */
  get used(): ReadonlySet<string> {
    return new Set(this.#places);
  }

  /** Returns the text with values in its places. */
  fill(value: (field: string) => string): string {
    const values = new Map<string, string>();
    const parts = this.#places.map((name, at) => {
      if (!values.has(name)) values.set(name, value(name));
      return this.#texts[at]! + values.get(name)!;
    });
    return parts.join('') + this.#texts.at(-1)!;
  }
}
