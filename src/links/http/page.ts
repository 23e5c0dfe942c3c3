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
  `body{font:18px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:#f6f5f1;color:#222}main{width:min(26rem,100vw - 3rem);padding:2rem 0}h1{font-size:1.5rem}.amount{font-size:2rem;font-weight:600;margin:.5rem 0}.act{display:block;box-sizing:border-box;width:100%;margin:.75rem 0;padding:.9rem;border:1px solid #1d5c3a;border-radius:.5rem;background:#1d5c3a;color:#fff;font:inherit;text-align:center;text-decoration:none;cursor:pointer}.other{background:none;color:#1d5c3a}svg{display:block;width:min(16rem,80vw);margin:1rem auto;background:#fff}small{color:#666}`,
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
