// Loaded with --import: the parsing of an event with this finish reason throws what no server can cause.
const { parse } = JSON;
JSON.parse = function (text, reviver) {
  if (typeof text === 'string' && text.includes('"finish_reason":"stop"')) throw new TypeError('planted');
  return parse(text, reviver);
};
