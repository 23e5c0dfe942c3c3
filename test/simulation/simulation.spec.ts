import { type Report } from './main';
import { simulate } from './simulate';

/** Enough to notice a mistake at once; `npm run simulate` plays two thousand. */
const SEEDS = 250;

describe('the send path in a simulated world', () => {
  it('keeps every promise, whatever crashes, freezes, gets lost or comes twice', async () => {
    const report = (await simulate('--seeds', String(SEEDS))) as Report;
    expect(report.failed).toEqual([]);
    expect(report.seeds).toBe(SEEDS);
    // A world in which nothing goes wrong would prove nothing.
    for (const fault of FAULTS) expect([fault, Object.keys(report.faults[fault] ?? {}).length]).not.toEqual([fault, 0]);
    for (const state of STATES) expect([state, report.states[state] ?? 0]).not.toEqual([state, 0]);
  }, 180_000);

  it('keeps them in every seed that has ever failed', async () => {
    const report = (await simulate('--kept')) as Report;
    expect(report.failed).toEqual([]);
  });

  it('happens alike when a seed is played again', async () => {
    const report = (await simulate('--seeds', '20', '--twice')) as Report;
    expect(report.unlike).toEqual([]);
  });
});

/** What must have struck somewhere. */
const FAULTS = [
  'crash',
  'crash_before',
  'crash_after',
  'freeze',
  'lost_before',
  'lost_after',
  'redis_flush',
  'job_lost',
  'job_twice',
  'job_overtaken',
  'job_refused',
  'accept_then_reset',
  'timeout_accepted',
  'timeout_lost',
  'error_accepted',
  'error_lost',
  'throttled',
  'unreachable',
  'bad_address',
  'refused',
  'slow',
  'receipt_first',
  'paused',
  'learnt',
  'answer_slow',
  'answer_timed_out',
  'answer_unreachable',
  'answer_throttled',
];

/** Where messages, runs and triggers must have got to. */
const STATES = [
  'message sent',
  'message unknown (process_died)',
  'message unknown (unknown_outcome)',
  'message rejected (no_address)',
  'message rejected (refused)',
  'message skipped (cap_of_person)',
  'message skipped (cap_of_marketing_day)',
  'message skipped (consent_withdrawn)',
  'message skipped (no_consent)',
  'message skipped (order_cancelled)',
  'message skipped (goal_reached)',
  'message expired (too_late)',
  'run treated goal_reached',
  'run treated window_over',
  'run treated order_cancelled',
  'run holdout window_over',
  'refusal goal_already_reached',
  'refusal journey_paused',
  'message rejected (provider_paused)',
  'message skipped (silenced)',
  'message skipped (restarted)',
  'run in lap 2',
  'run in lap 3',
  'step park (journey_paused)',
  'step hold (outside_hours)',
  'step expire (outside_hours)',
];
