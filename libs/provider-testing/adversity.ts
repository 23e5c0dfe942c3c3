import { type RawWebhook } from '@wapas/provider-kit';

/** What makes a webhook authentic: a signature over the body in a header, or the unguessable end of the path. */
export type WebhookProof = { readonly kind: 'signature'; readonly header: string } | { readonly kind: 'path_token' };

/** What stands between us and a vendor answers like this when the vendor is down. */
export function junk(): string[] {
  return [
    '',
    '<html><body><h1>502 Bad Gateway</h1></body></html>',
    '{"message":',
    'null',
    '[]',
    '[[]]',
    '"accepted"',
    '42',
    '{"error":null}',
    '{"error":[{"code":{}}]}',
    '{"error":{"code":[],"message":{},"details":[null,7],"error_data":[]}}',
    '{"name":5,"messages":[{"id":null}],"type":"success","message":["x"]}',
    '{"__proto__":{"type":"success"},"constructor":{"name":"x"}}',
    '['.repeat(20_000),
    'x'.repeat(1_000_000),
  ];
}

export function forgeries(good: RawWebhook, proof: WebhookProof): RawWebhook[] {
  const changed = (text: string): string[] => [
    '',
    text.slice(0, -1),
    `${text}0`,
    text.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    `\u0000${text}`,
    text.split('').reverse().join(''),
    'é'.repeat(text.length),
  ];
  switch (proof.kind) {
    case 'path_token':
      return changed(good.pathToken).map((pathToken) => ({ ...good, pathToken }));
    case 'signature': {
      const { [proof.header]: signature = '', ...others } = good.headers;
      const wrongHeaders = changed(signature).map((value) => ({ ...good, headers: { ...others, [proof.header]: value } }));
      return [{ ...good, headers: others }, ...wrongHeaders, ...flipped(good.rawBody).map((rawBody) => ({ ...good, rawBody }))];
    }
  }
}

/** The body with one bit changed, at its first, middle and last byte, and cut or longer by one. */
function flipped(body: Buffer): Buffer[] {
  const flip = (index: number): Buffer => {
    const copy = Buffer.from(body);
    copy[index] = (copy[index] as number) ^ 1;
    return copy;
  };
  return [flip(0), flip(body.length >> 1), flip(body.length - 1), body.subarray(0, -1), Buffer.concat([body, Buffer.from(' ')])];
}
