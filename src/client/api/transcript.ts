import type { CallPiece, Pieces } from './choices.ts';
import { isShallow } from '../http/json.ts';
import { checkLimit } from '../http/limits.ts';

/** What choice 0 said, in full. */
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

  /** Arguments are pieces to append; the name is a value that some servers repeat in every piece. */
  #addCall(piece: CallPiece): void {
    let call =
      piece.index === null ? this.#unnumbered(piece) : this.#calls.find(({ index }) => index === piece.index);
    if (call === undefined) {
      checkLimit('calls', this.#calls.length + 1);
      call = { index: piece.index ?? this.#calls.length, id: piece.id, name: '', arguments: '' };
      this.#calls.push(call);
    }
    if (piece.name !== '') call.name = piece.name;
    call.arguments += piece.arguments;
  }

  /** Without an index (Mistral) an id tells calls apart; a piece without either goes on with the last call. */
  #unnumbered(piece: CallPiece): { index: number; id: string; name: string; arguments: string } | undefined {
    return piece.id === '' ? this.#calls.at(-1) : this.#calls.find(({ id }) => id === piece.id);
  }
}
