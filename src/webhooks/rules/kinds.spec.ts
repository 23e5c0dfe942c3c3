import { bodyOf, wants } from './kinds';

it.each([
  [['run.ended'], 'run.ended', true],
  [['run.ended'], 'message.settled', false],
  [[], 'message.settled', true],
  [[], 'answer.received', false],
  [['answer.received'], 'answer.received', true],
  [[], 'webhook.test', false],
] as const)('an endpoint for %j wants %s: %s', (kinds, kind, wanted) => expect(wants(kinds, kind)).toBe(wanted));

it('a body names its kind, its time and its facts, and nothing of the person it is about', () =>
  expect(JSON.parse(bodyOf({ kind: 'run.ended', at: '2026-11-23T05:30:00.000Z', data: { runId: 'r' }, subject: 'key' }))).toEqual(
    {
      type: 'run.ended',
      timestamp: '2026-11-23T05:30:00.000Z',
      data: { runId: 'r' },
    },
  ));
