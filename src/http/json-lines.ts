import { Problem } from '@wapas/problems';

/** One value of a body that has several, or why it cannot be read. */
export type Line = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Problem };

/** A body of one JSON value a line (NDJSON). A line that cannot be read says so in its place; the others are as good as alone. */
export class JsonLines {
  constructor(readonly lines: readonly Line[]) {}
}

const NEWLINE = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads lines of at most `longest` bytes, each in UTF-8. A newline ends a line, so the last one needs none. It stops after `most`
 * lines and one: whoever takes no more than `most` sees that there are too many.
 */
export function readLines(body: Buffer, { longest, most }: { longest: number; most: number }): JsonLines {
  const lines: Line[] = [];
  for (let start = 0; start < body.length && lines.length <= most;) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline === -1 ? body.length : newline;
    lines.push(readLine(body.subarray(start, end), longest));
    start = end + 1;
  }
  return new JsonLines(lines);
}

function readLine(bytes: Buffer, longest: number): Line {
  if (bytes.length > longest) return refused(413, 'line_too_large', `A line takes at most ${longest / 1024} KiB.`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused(400, 'not_utf8', 'The line is not UTF-8.');
  }
  if (text.trim() === '') return refused(400, 'blank_line', 'The line is blank. Leave it out.');
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return refused(400, 'not_json', 'The line is not valid JSON. Write one event on one line.');
  }
}

const refused = (status: number, code: string, detail: string): Line => ({
  ok: false,
  problem: new Problem(status, code, detail),
});
