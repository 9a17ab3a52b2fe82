import { parseDocument, visit } from 'yaml';
import { maskReferences, unmaskReferences } from '../scenario/mask.ts';

/** Returns the text of a scenario without its comments, which may contain keys. */
export function scenarioWithoutComments(text: string): string {
  const document = parseDocument(maskReferences(text.replace(/^\uFEFF/, '')), { merge: true });
  document.comment = null;
  document.commentBefore = null;
  visit(document, {
    Pair(_, { key, value }) {
      for (const node of [key, value]) strip(node);
    },
    Node(_, node) {
      strip(node);
    },
  });
  return String(unmaskReferences(document.toString({ lineWidth: 0 })));
}

function strip(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  Object.assign(node, { comment: null, commentBefore: null });
}
