import { type FastifyReply } from 'fastify';

/** Text that is already safe to stand in a page. */
export class Html {
  constructor(readonly text: string) {}
}

/** Everything put into the template is escaped unless it is Html itself: forgetting is not possible. */
export function html(strings: TemplateStringsArray, ...parts: readonly (string | Html | readonly Html[] | null)[]): Html {
  return new Html(strings.map((each, index) => each + (index < parts.length ? rendered(parts[index] ?? null) : '')).join(''));
}

function rendered(part: string | Html | readonly Html[] | null): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'string' ? escape(part) : part.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const STYLE = new Html(
  `:root{color-scheme:light dark;--ground:#f6f5f1;--text:#222;--quiet:#666;--act:#1d5c3a;--other:#1d5c3a}@media(prefers-color-scheme:dark){:root{--ground:#16191c;--text:#e9eaec;--quiet:#a4abb3;--act:#1f7a4a;--other:#7fd1a5}}body{font:18px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:var(--ground);color:var(--text)}main{width:min(26rem,100vw - 3rem);padding:2rem 0;overflow-wrap:anywhere}h1{font-size:1.5rem}a{color:var(--other)}.amount{font-size:2rem;font-weight:600;margin:.5rem 0}.act{display:block;box-sizing:border-box;width:100%;margin:.75rem 0;padding:.9rem;border:1px solid var(--act);border-radius:.5rem;background:var(--act);color:#fff;font:inherit;text-align:center;text-decoration:none;cursor:pointer}.other{background:none;color:var(--other);border-color:var(--other)}svg{display:block;width:min(16rem,80vw);margin:1rem auto;background:#fff}small{color:var(--quiet)}`,
);

/** A small page for customers: works without JavaScript, loads nothing. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

export const paragraph = (text: string): Html => html`<p>${text}</p>`;

/** Answers a customer's browser. Nothing is kept, framed or loaded; `formsMayGoTo`, in the words of form-action, is where a form on it may lead. */
export function sendPage(reply: FastifyReply, status: number, body: string, formsMayGoTo = "'none'"): void {
  void reply
    .status(status)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('content-type', 'text/html; charset=utf-8')
    .header(
      'content-security-policy',
      `default-src 'none'; style-src 'unsafe-inline'; form-action ${formsMayGoTo}; frame-ancestors 'none'; base-uri 'none'`,
    )
    .send(body);
}
