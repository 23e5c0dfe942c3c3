import { createHash, createHmac } from 'node:crypto';

/** A post as a vendor makes it. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * How a vendor signs, written after its documentation and without our recipe or our verifying code: the suite asks whether the
 * two agree. Each source of the registry and each preset needs one.
 */
export interface Signer {
  /** Two secrets as an operator would enter them: the one in use, and the one that replaces it. */
  readonly secrets: readonly [string, string];
  readonly sign: (post: Post, secret: string, nowMillis: number) => Post;
  /** What the proof covers: all bytes of the body, some of its fields, or nothing (a password is repeated instead). */
  readonly covers: 'body' | readonly string[] | 'nothing';
  /** Headers of the finished post that no byte may be changed in; the one with the proof is among them. */
  readonly guardedHeaders: readonly string[];
  /** How far a signed time may be away, in seconds; absent where none is signed. */
  readonly toleranceSeconds?: number;
  /** Puts the proof of another secret beside the one that is there, where the vendor sends several during a rotation. */
  readonly addProof?: (post: Post, other: Post) => Post;
}

const withHeaders = (post: Post, headers: Record<string, string>): Post => ({
  ...post,
  headers: { ...post.headers, ...headers },
});

/** An HMAC of the raw body in one header. */
export function bodySigner(
  header: string,
  algorithm: 'sha1' | 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
  prefix = '',
): Signer {
  return {
    secrets: ['a-secret-of-the-vendor', 'the-secret-that-follows'],
    sign: (post, secret) =>
      withHeaders(post, { [header]: prefix + createHmac(algorithm, secret).update(post.rawBody).digest(encoding) }),
    covers: 'body',
    guardedHeaders: [header],
  };
}

/** HTTP Basic. */
export const basicSigner: Signer = {
  secrets: ['wapas:a-long-password', 'wapas:another-password'],
  sign: (post, secret) => withHeaders(post, { authorization: `Basic ${Buffer.from(secret, 'utf8').toString('base64')}` }),
  covers: 'nothing',
  guardedHeaders: ['authorization'],
};

/** A secret that is repeated in a header. */
export const tokenSigner = (header: string, prefix = ''): Signer => ({
  secrets: ['a-token-of-some-length', 'the-token-that-follows'],
  sign: (post, secret) => withHeaders(post, { [header]: `${prefix}${secret}` }),
  covers: 'nothing',
  guardedHeaders: [header],
});

/** By source. */
export const signers: Readonly<Record<string, Signer>> = {
  // razorpay.com/docs/webhooks/validate-test, read 2026-11-23
  razorpay: bodySigner('x-razorpay-signature', 'sha256', 'hex'),

  // docs.cashfree.com, payment webhooks, read 2026-11-23
  cashfree: {
    secrets: ['cfsk_ma_test_0123456789', 'cfsk_ma_test_9876543210'],
    sign(post, secret, nowMillis) {
      const timestamp = String(nowMillis);
      const signature = createHmac('sha256', secret)
        .update(timestamp + post.rawBody.toString())
        .digest('base64');
      return withHeaders(post, { 'x-webhook-timestamp': timestamp, 'x-webhook-signature': signature });
    },
    covers: 'body',
    guardedHeaders: ['x-webhook-timestamp', 'x-webhook-signature'],
    toleranceSeconds: 300,
  },

  // docs.stripe.com/webhooks#verify-manually, read 2026-11-23
  stripe: {
    secrets: ['whsec_8f3a61d2c94b7e05a1d6f0938b2c47e5', 'whsec_47e5938b2c0fa1d6c94b7e0561d28f3a'],
    sign(post, secret, nowMillis) {
      const seconds = String(Math.floor(nowMillis / 1000));
      const signature = createHmac('sha256', secret).update(`${seconds}.${post.rawBody.toString()}`).digest('hex');
      return withHeaders(post, { 'stripe-signature': `t=${seconds},v1=${signature}` });
    },
    covers: 'body',
    guardedHeaders: ['stripe-signature'],
    toleranceSeconds: 300,
    addProof: (post, other) =>
      withHeaders(post, {
        'stripe-signature': `${post.headers['stripe-signature']},${(other.headers['stripe-signature'] as string).split(',')[1]}`,
      }),
  },

  // shopify.dev/docs/apps/build/webhooks/subscribe/https, read 2026-11-23
  shopify: bodySigner('x-shopify-hmac-sha256', 'sha256', 'base64'),

  // docs.sumsub.com/docs/webhooks, read 2026-11-23
  sumsub: {
    secrets: ['sumsub-webhook-secret', 'sumsub-secret-that-follows'],
    sign: (post, secret) =>
      withHeaders(post, {
        'x-payload-digest-alg': 'HMAC_SHA256_HEX',
        'x-payload-digest': createHmac('sha256', secret).update(post.rawBody).digest('hex'),
      }),
    covers: 'body',
    guardedHeaders: ['x-payload-digest-alg', 'x-payload-digest'],
  },

  // github.com/standard-webhooks/standard-webhooks, spec, read 2026-11-23
  'standard-webhooks': {
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    sign(post, secret, nowMillis) {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const id = post.headers['webhook-id'] ?? 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
      const timestamp = String(Math.floor(nowMillis / 1000));
      const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${post.rawBody.toString()}`).digest('base64');
      return withHeaders(post, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signed}` });
    },
    covers: 'body',
    guardedHeaders: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    toleranceSeconds: 300,
    addProof: (post, other) =>
      withHeaders(post, {
        'webhook-signature': `v1a,bm90IGZvciB1cw== ${other.headers['webhook-signature']} ${post.headers['webhook-signature']}`,
      }),
  },

  // The operator's choice; a bearer token unless another is made.
  cloudevents: tokenSigner('authorization', 'Bearer '),

  // docs.payu.in, reverse hash, read 2026-11-23
  payu: {
    secrets: ['eCwWELxi-salt', 'salt-that-follows'],
    sign(post, salt) {
      const form = new URLSearchParams(post.rawBody.toString());
      const f = (name: string): string => form.get(name) ?? '';
      const reversed = [f('udf5'), f('udf4'), f('udf3'), f('udf2'), f('udf1'), f('email'), f('firstname'), f('productinfo')];
      let text = `${salt}|${f('status')}||||||${reversed.join('|')}|${f('amount')}|${f('txnid')}|${f('key')}`;
      if (f('additional_charges') !== '') text = `${f('additional_charges')}|${text}`;
      form.set('hash', createHash('sha512').update(text).digest('hex'));
      return { ...post, rawBody: Buffer.from(form.toString()) };
    },
    covers: ['status', 'udf1', 'email', 'firstname', 'productinfo', 'amount', 'txnid', 'key', 'hash'],
    guardedHeaders: [],
  },

  // docs.juspay.io, webhooks, read 2026-11-23
  juspay: basicSigner,

  // github.com/woocommerce/woocommerce, class-wc-webhook.php, read 2026-11-23
  woocommerce: bodySigner('x-wc-webhook-signature', 'sha256', 'base64'),

  // documentation.hyperverge.co shows no signature: a secret in the address, read 2026-11-23
  hyperverge: {
    secrets: ['a-token-of-some-length', 'the-token-that-follows'],
    sign: (post, secret) => ({ ...post, query: { token: secret } }),
    covers: 'nothing',
    guardedHeaders: [],
  },

  // second-hand, read 2026-11-23
  digio: bodySigner('x-digio-checksum', 'sha256', 'hex'),

  // github.com/onfido/onfido-node, webhook-event-verifier, read 2026-11-23
  onfido: bodySigner('x-sha2-signature', 'sha256', 'hex'),
};
