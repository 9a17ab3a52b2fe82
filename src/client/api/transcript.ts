import type { CallPiece, Pieces } from './output-pieces.ts';
import { isShallow } from '../http/json-values.ts';
import { checkLimit } from '../http/limits.ts';

/** Collects the complete output of choice 0. */
export class Transcript {
  #text = '';
  #reasoning = '';
  readonly #calls: { index: number; id: string; name: string; arguments: string }[] = [];

  add(pieces: Pieces): void {
    this.#text += pieces.answer;
    this.#reasoning += pieces.reasoning;
    for (const piece of pieces.calls) this.#addCall(piece);
  }

  kept(usage: unknown): { text: string; reasoning_text: string; tool_calls?: unknown; usage?: unknown } {
    const calls = this.#calls.toSorted((a, b) => a.index - b.index);
    return {
      text: this.#text,
      reasoning_text: this.#reasoning,
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ index, name, arguments: text }) => ({ index, name, arguments: text })),
          }),
      ...(usage === null || !isShallow(usage) ? {} : { usage }),
    };
  }

  /** Adds part of a tool call: arguments are appended, the name is not, because some servers repeat it in every part. */
  #addCall(piece: CallPiece): void {
    let call =
      piece.index === null
        ? this.#callWithoutIndex(piece)
        : this.#calls.find(({ index }) => index === piece.index);
    if (call === undefined) {
      checkLimit('calls', this.#calls.length + 1);
      call = { index: piece.index ?? this.#calls.length, id: piece.id, name: '', arguments: '' };
      this.#calls.push(call);
    }
    if (piece.name !== '') call.name = piece.name;
    call.arguments += piece.arguments;
  }

  /** Finds the call of a part without an index (Mistral) by its id; without an id too, it belongs to the last call. */
  #callWithoutIndex(
    piece: CallPiece,
  ): { index: number; id: string; name: string; arguments: string } | undefined {
    return piece.id === '' ? this.#calls.at(-1) : this.#calls.find(({ id }) => id === piece.id);
  }
}
