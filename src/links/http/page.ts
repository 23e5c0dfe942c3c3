/** A small page for customers. Works without JavaScript; both texts are ours, never a caller's. */
export function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${title}</title>
<style>body{font:18px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:#f6f5f1;color:#222}main{max-width:28rem;padding:2rem}h1{font-size:1.5rem}</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body></html>
`;
}
