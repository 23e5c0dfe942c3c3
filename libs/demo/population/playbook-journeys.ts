/** Half of each programme hears nothing: with so few people a smaller share could not say what the messages did. */
const HOLDOUT_PERCENT = 50;

export const PROGRAMMES = ['email_after_4h', 'timeline'] as const;

const common = (programme: (typeof PROGRAMMES)[number], name: string) => ({
  format: 'wapas.journey/1',
  key: programme,
  name,
  trigger: { event: 'Payment Failed', where: [{ field: 'properties.programme', is: programme }] },
  correlateBy: ['order'],
  goal: { events: ['Payment Captured'], by: ['order'] },
  window: '24h',
  holdoutPercent: HOLDOUT_PERCENT,
});

/** The two programmes that the playbook compares, as journey files. */
export const playbookJourneys = [
  {
    ...common('email_after_4h', 'An e-mail in the batch four hours later'),
    steps: [
      {
        key: 'email',
        after: '4h',
        maxDelay: '4h',
        channel: 'email',
        messages: [
          {
            template: {
              subject: 'Your payment of {{amount|money}} is not complete',
              text: 'Your items are saved. Finish here: {{link}}',
            },
          },
        ],
      },
    ],
  },
  {
    ...common('timeline', 'Push after a minute, WhatsApp after a quarter of an hour, SMS after two hours'),
    steps: [
      {
        key: 'push',
        after: '1m',
        maxDelay: '13m',
        channel: 'push',
        messages: [
          {
            template: {
              title: 'Payment not completed',
              body: 'Payment of {{amount|money}} did not go through. Tap to try again.',
              deepLink: 'shop://orders/{{keys.order}}/pay',
            },
          },
        ],
      },
      {
        key: 'whatsapp',
        after: '15m',
        minDelay: '5m',
        maxDelay: '30m',
        channel: 'whatsapp',
        unless: [{ step: 'push', signal: 'engaged' }],
        messages: [
          {
            template: {
              name: 'payment_failed_v1',
              language: 'en',
              body: ['{{keys.order}}', '{{amount|money}}'],
              button: '{{link_token}}',
            },
          },
        ],
      },
      {
        key: 'sms',
        after: '2h',
        minDelay: '15m',
        maxDelay: '4h',
        channel: 'sms',
        unless: [
          { step: 'push', signal: 'engaged' },
          { step: 'whatsapp', signal: 'engaged' },
        ],
        messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}', url: '{{link}}' } } }],
      },
    ],
  },
];
