const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const padded = (value: number, width = 2, fill = '0'): string => String(value).padStart(width, fill);

const CODES = new Map<string, (date: Date) => string>([
  ['Y', (date) => String(date.getFullYear())],
  ['y', (date) => padded(date.getFullYear() % 100)],
  ['m', (date) => padded(date.getMonth() + 1)],
  ['B', (date) => MONTHS[date.getMonth()]!],
  ['b', (date) => MONTHS[date.getMonth()]!.slice(0, 3)],
  ['d', (date) => padded(date.getDate())],
  ['e', (date) => padded(date.getDate(), 2, ' ')],
  ['A', (date) => DAYS[date.getDay()]!],
  ['a', (date) => DAYS[date.getDay()]!.slice(0, 3)],
  ['H', (date) => padded(date.getHours())],
  ['I', (date) => padded(date.getHours() % 12 || 12)],
  ['p', (date) => (date.getHours() < 12 ? 'AM' : 'PM')],
  ['M', (date) => padded(date.getMinutes())],
  ['S', (date) => padded(date.getSeconds())],
  ['%', () => '%'],
]);

/** Returns the local time as Python's `strftime` writes it in English. Other codes stay as they are. */
export const strftime = (date: Date, format: string): string =>
  format.replaceAll(/%([A-Za-z%])/g, (all, code: string) => CODES.get(code)?.(date) ?? all);
