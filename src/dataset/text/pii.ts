/** A kind of personal data, with what replaces it. */
interface PersonalData {
  mark: string;
  pattern: RegExp;
  /** Returns true if a match is really of the kind. */
  isValid?: (text: string) => boolean;
}

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** The check digit of card numbers (ISO/IEC 7812-1, the Luhn algorithm). */
function hasCheckDigit(text: string): boolean {
  let sum = 0;
  for (const [at, digit] of digitsOf(text).split('').toReversed().entries()) {
    const doubled = Number(digit) * (at % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The check digits of bank accounts (ISO 13616): the rearranged number is 1 modulo 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  const rearranged = compact.slice(4) + compact.slice(0, 4);
  let rest = 0;
  for (const sign of rearranged) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const KINDS: readonly PersonalData[] = [
  {
    mark: '[EMAIL]',
    pattern: /[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b/g,
  },
  {
    mark: '[IBAN]',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    isValid: isIban,
  },
  { mark: '[CARD]', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, isValid: hasCheckDigit },
  { mark: '[SSN]', pattern: /\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g },
  {
    mark: '[IP]',
    pattern: /\b(?:\d{1,3}\.){3}\d{1,3}\b/g,
    isValid: (text) => text.split('.').every((part) => Number(part) <= 255),
  },
  {
    mark: '[PHONE]',
    pattern: /(?<![\w+.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){2,4}(?![\w-])/g,
    isValid: (text) => digitsOf(text).length >= 9 && digitsOf(text).length <= 15,
  },
];

/**
 * Returns a text with e-mail addresses, bank accounts, card, social security and phone numbers and IP addresses replaced by their kind, such as
 * `[EMAIL]`. It works by form, so names and postal addresses stay.
 */
export function withoutPersonalData(text: string): string {
  let found = text;
  for (const { mark, pattern, isValid } of KINDS)
    found = found.replaceAll(pattern, (match) => (isValid === undefined || isValid(match) ? mark : match));
  return found;
}

export const hasPersonalData = (text: string): boolean => withoutPersonalData(text) !== text;
