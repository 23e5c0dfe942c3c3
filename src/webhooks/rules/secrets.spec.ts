import { newSecret, rotated, signingSecrets, type WebhookSecret } from './secrets';

const first: WebhookSecret[] = [{ text: 'one', until: null }];

it('a new secret is 32 random bytes', () => {
  expect(Buffer.from(newSecret().replace('whsec_', ''), 'base64')).toHaveLength(32);
  expect(newSecret()).not.toBe(newSecret());
});

it('while a secret is changed both sign, and then the new one alone', () => {
  const two = rotated(first, 'two', 1_000, 0);
  expect(signingSecrets(two, 999)).toEqual(['two', 'one']);
  expect(signingSecrets(two, 1_000)).toEqual(['two']);
});

it('there are never more than two; changed at once, the old one does not sign again', () => {
  expect(signingSecrets(rotated(rotated(first, 'two', 1_000, 0), 'three', 1_000, 1), 2)).toEqual(['three', 'two']);
  expect(signingSecrets(rotated(first, 'two', 0, 0), 0)).toEqual(['two']);
});
