import { accepted, type ErrorClass, failed } from '@wapas/provider-kit';
import { outcomeOfAll } from './outcome-of-all';

const no = (kind: ErrorClass) => failed({ class: kind, scope: 'message', code: kind });
it.each([
  ['one dead, one live', [no('bad_address'), accepted('v')], 'accepted'],
  ['live first', [accepted('v'), no('unknown_outcome')], 'accepted'],
  ['one dead, one silent', [no('bad_address'), no('unknown_outcome')], 'unknown_outcome'],
  ['one refused, one to be tried again', [no('refused'), no('throttled')], 'throttled'],
  ['one dead, one refused', [no('bad_address'), no('bad_content')], 'bad_content'],
  ['both dead', [no('bad_address'), no('bad_address')], 'bad_address'],
])('%s', (_what, outcomes, expected) => {
  const outcome = outcomeOfAll(outcomes);
  expect(outcome.outcome === 'accepted' ? 'accepted' : outcome.failure.class).toBe(expected);
});
