import { templatesIn } from './templates-in';

const template = { title: 'Back?' };

test('finds the templates of a definition, each with its pointer', () => {
  const steps = [
    { channel: 'push', messages: [{ template }] },
    {
      channel: 'sms',
      messages: [
        { when: [], template },
        {
          variants: [
            { key: 'a', template },
            { key: 'b', template },
          ],
        },
      ],
    },
  ];
  expect(templatesIn({ steps }).map(({ at, step, channel }) => `${at} ${step} ${channel}`)).toEqual([
    '/steps/0/messages/0/template 0 push',
    '/steps/1/messages/0/template 1 sms',
    '/steps/1/messages/1/variants/0/template 1 sms',
    '/steps/1/messages/1/variants/1/template 1 sms',
  ]);
});

test.each([
  null,
  [],
  'steps',
  { steps: {} },
  { steps: [null, 7, { channel: 7, messages: [{ template }] }] },
  {
    steps: [
      { channel: 'push', messages: 'none' },
      { channel: 'push', messages: [[], { template: 'Back?' }, { variants: [7] }] },
    ],
  },
])('passes over what has another form: %j', (value) => {
  expect(templatesIn(value)).toEqual([]);
});

test('keeps the place of a step behind one that is none', () => {
  expect(templatesIn({ steps: [7, { channel: 'push', messages: [{ template }] }] })).toEqual([
    { at: '/steps/1/messages/0/template', step: 1, channel: 'push', template },
  ]);
});

test('looks at no more than a definition may have', () => {
  expect(
    templatesIn({ steps: Array.from({ length: 10_000 }, () => ({ channel: 'push', messages: [{ template }] })) }),
  ).toHaveLength(50);
});
