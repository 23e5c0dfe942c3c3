import fc from 'fast-check';
import { after, durationOf, type Instant, minutes } from '@wapas/kernel';
import { nextOpening } from '@wapas/local-hours';
import { applyDecisions } from './apply-decisions';
import { decide } from './decide';
import {
  exitReached,
  FACTS,
  failedAgain,
  given,
  goalReached,
  heard,
  journey,
  lookedAt,
  notReached,
  passage,
  run,
  T,
} from './decide.test-kit';
import { type JourneyVersion, type Signal, type Step } from './definition';
import { type Decision, type RunInput, type RunState } from './run';
import { isKnown } from './signals';

describe('a step is taken at its offset from T, not sooner', () => {
  it('the push at T+1m', () => {
    given(run()).when(lookedAt('T+1m-1ms')).thenNothing();
    given(run()).when(lookedAt('T+1m')).then('send push until T+14m', 'wait until T+15m');
  });
  it('the WhatsApp at T+15m', () => {
    given(run().after('push')).when(lookedAt('T+15m-1ms')).thenNothing();
    given(run().after('push')).when(lookedAt('T+15m')).then('send whatsapp until T+45m', 'wait until T+2h');
  });
  it('the SMS at T+2h, and then nothing until the window is over', () => {
    given(run().after('whatsapp')).when(lookedAt('T+2h-1ms')).thenNothing();
    given(run().after('whatsapp')).when(lookedAt('T+2h')).then('send sms until T+6h', 'wait until T+1d');
    given(run().after('sms')).when(lookedAt('T+1d-1ms')).thenNothing();
    given(run().after('sms')).when(lookedAt('T+1d')).then('end: window_over');
  });
  it('a customer who does nothing hears three times', () =>
    expect(passage(run())).toEqual([
      'T+1m send push until T+14m',
      'T+15m send whatsapp until T+45m',
      'T+2h send sms until T+6h',
      'T+1d end: window_over',
    ]));
});

describe('what is known of an earlier message', () => {
  it.each<[Signal[], string]>([
    [[], 'send whatsapp until T+45m'],
    [['sent'], 'send whatsapp until T+45m'],
    [['delivered'], 'send whatsapp until T+45m'],
    [['failed'], 'send whatsapp until T+45m'],
    [['unknown'], 'send whatsapp until T+45m'],
    [['opened'], 'skip whatsapp: push_engaged'],
    [['read'], 'skip whatsapp: push_engaged'],
    [['clicked'], 'skip whatsapp: push_engaged'],
    [['replied'], 'skip whatsapp: push_engaged'],
    [['delivered', 'failed', 'opened'], 'skip whatsapp: push_engaged'],
  ])('a push that is known as %j → %s', (signals, outcome) =>
    given(run().after('push', ...signals))
      .when(lookedAt('T+15m'))
      .then(outcome),
  );

  it.each<[Signal, Signal, boolean]>([
    ['opened', 'clicked', true],
    ['opened', 'delivered', false],
    ['opened', 'read', true],
    ['opened', 'replied', true],
    ['read', 'opened', true],
    ['read', 'clicked', true],
    ['read', 'replied', true],
    ['read', 'delivered', false],
    ['delivered', 'read', true],
    ['delivered', 'clicked', true],
    ['delivered', 'sent', false],
    ['clicked', 'read', false],
    ['failed', 'read', false],
    ['engaged', 'delivered', false],
  ])('"%s" is known from "%s": %s', (wanted, known, answer) => expect(isKnown([known], wanted)).toBe(answer));

  it('a read WhatsApp keeps the SMS back, also when nobody reported the push', () =>
    given(run().after('push').after('whatsapp', 'read')).when(lookedAt('T+2h')).then('skip sms: whatsapp_engaged'));

  it('a WhatsApp that was read has been opened, whichever word the journey uses', () =>
    given(
      run(journey({ sms: { unless: [{ step: 'whatsapp', signal: 'opened' }] } }))
        .after('push')
        .after('whatsapp', 'read'),
    )
      .when(lookedAt('T+2h'))
      .then('skip sms: whatsapp_opened'));

  it('the first signal that speaks against a step is the reason', () =>
    given(run().after('push', 'opened').after('whatsapp', 'read')).when(lookedAt('T+2h')).then('skip sms: push_engaged'));

  it('a signal is noted once', () => {
    given(run().after('push')).when(heard('push', 'opened').at('T+3m')).then('note push opened');
    given(run().after('push', 'opened')).when(heard('push', 'opened').at('T+4m')).thenNothing();
  });
});

describe('late is worse than never', () => {
  it.each([
    ['T+14m', 'send push until T+14m'],
    ['T+14m1s', 'expire push: too_late'],
    ['T+15m', 'expire push: too_late'],
  ])('the push, looked at only at %s → %s', (at, outcome) => given(run()).when(lookedAt(at)).then(outcome));

  it('a step never reaches into the time of the next one, whatever its own delay says', () => {
    const patient = journey({ push: { maxDelay: '3h' } });
    given(run(patient)).when(lookedAt('T+1m')).then('send push until T+15m-1ms');
    given(run(patient)).when(lookedAt('T+15m-1ms')).then('send push until T+15m-1ms');
    given(run(patient)).when(lookedAt('T+15m')).then('expire push: too_late');
  });
  it('nor beyond the window', () =>
    given(run(journey({ sms: { maxDelay: '30d' } })).after('whatsapp'))
      .when(lookedAt('T+2h'))
      .then('send sms until T+1d-1ms'));

  it('after an outage of three hours only what is still worth it goes out', () => {
    const afterPush = given(run()).when(lookedAt('T+3h')).leaving();
    given(run()).when(lookedAt('T+3h')).then('expire push: too_late', 'wait until T+15m');
    const afterWhatsApp = given(afterPush).when(lookedAt('T+3h')).leaving();
    given(afterPush).when(lookedAt('T+3h')).then('expire whatsapp: too_late', 'wait until T+2h');
    given(afterWhatsApp).when(lookedAt('T+3h')).then('send sms until T+6h', 'wait until T+1d');
  });
  it('after an outage of a day every step that is left says that the window is over', () =>
    given(run().after('push'))
      .when(lookedAt('T+1d'))
      .then('expire whatsapp: window_over', 'expire sms: window_over', 'end: window_over'));
});

describe('sending hours', () => {
  const day = { from: '08:00', to: '22:00', zone: 'Asia/Kolkata' };
  const holding = journey({ sms: { hours: { ...day, outside: 'hold' }, maxDelay: '12h' } });
  const expiring = journey({ sms: { hours: { ...day, outside: 'expire' } } });
  const awake = journey({ sms: { hours: { ...day, outside: 'expire', exceptWithin: '2h' } } });

  it.each([
    ['inside', holding, '2026-11-23T19:59:59+05:30', 'T+2h', 'send sms until T+14h'],
    ['held to 08:00', holding, '2026-11-23T20:00:00+05:30', 'T+2h', 'hold sms to T+12h: outside_hours'],
    ['held over midnight', holding, '2026-11-23T22:30:00+05:30', 'T+2h', 'hold sms to T+9h30m: outside_hours'],
    ['opening later than its delay', journey({ sms: { hours: { ...day, outside: 'hold' } } }), '2026-11-23T20:00:00+05:30', 'T+2h', 'expire sms: outside_hours'], // prettier-ignore
    ['expired', expiring, '2026-11-23T20:00:00+05:30', 'T+2h', 'expire sms: outside_hours'],
    ["soon after the customer's own action", awake, '2026-11-23T22:30:00+05:30', 'T+2h', 'send sms until T+6h'],
    ['a moment later', awake, '2026-11-23T22:30:00+05:30', 'T+2h1s', 'expire sms: outside_hours'],
  ])('%s', (_case, version, startedAt, at, outcome) =>
    given(run(version, startedAt).after('whatsapp')).when(lookedAt(at)).then(outcome),
  );

  it('being held makes a step neither young nor old: at the opening every check runs again', () => {
    const evening = run(holding, '2026-11-23T20:00:00+05:30').after('whatsapp');
    const held = given(evening).when(lookedAt('T+2h')).leaving();
    given(held).when(lookedAt('T+12h-1ms')).thenNothing();
    given(held).when(lookedAt('T+12h')).then('send sms until T+14h');
    given(held).when(lookedAt('T+14h1s')).then('expire sms: too_late');
    const read = given(held).when(heard('whatsapp', 'read').at('T+11h')).leaving();
    given(read).when(lookedAt('T+12h')).then('skip sms: whatsapp_engaged');
  });

  it('a step is not held into the moment of the next one', () => {
    const early = journey({ whatsapp: { hours: { ...day, outside: 'hold' }, maxDelay: '4h' } });
    given(run(early, '2026-11-23T06:00:00+05:30').after('push')).when(lookedAt('T+15m')).then('expire whatsapp: outside_hours');
    given(run(early, '2026-11-23T06:00:01+05:30').after('push')).when(lookedAt('T+15m')).then('hold whatsapp to T+1h59m59s: outside_hours'); // prettier-ignore
  });
});

describe('a channel that cannot reach the customer', () => {
  it.each([
    ['at once, when the earliest moment has passed', 'whatsapp', 'T+20m', 'advance sms to T+20m: whatsapp_bad_address'],
    ['not before the earliest moment', 'push', 'T+1m', 'advance whatsapp to T+5m: push_bad_address'],
    ['at the earliest moment itself', 'push', 'T+5m', 'advance whatsapp to T+5m: push_bad_address'],
  ])('lets the next step fall forward %s', (_case, step, at, outcome) =>
    given(run().after(step)).when(notReached(step).at(at)).then(`note ${step} failed`, outcome),
  );

  it('brings only the next step forward; later ones keep their time', () =>
    expect(passage(run(), [notReached('push', 'no_address').at('T+1m1s')])).toEqual([
      'T+1m send push until T+14m',
      'T+1m1s note push failed',
      'T+1m1s advance whatsapp to T+5m: push_no_address',
      'T+5m send whatsapp until T+45m',
      'T+2h send sms until T+6h',
      'T+1d end: window_over',
    ]));

  it.each([
    ['was not the last one', run().after('whatsapp'), 'push'],
    ['is followed by none', run().after('sms'), 'sms'],
    ['belongs to the holdout', run().after('push').inHoldout(), 'push'],
    ['fails when the next one is due anyway', run().after('push').due('T+2m'), 'push'],
  ])('changes no time when the step %s', (_case, subject, step) =>
    given(subject).when(notReached(step).at('T+16m')).then(`note ${step} failed`),
  );

  it('hearing of it again changes nothing', () => {
    const once = given(run().after('push')).when(notReached('push').at('T+2m')).leaving();
    given(once).when(notReached('push').at('T+3m')).thenNothing();
  });

  it('a message that an exit has stopped is no failed channel', () =>
    given(run().after('push')).when(notReached('push', 'order_cancelled').at('T+2m')).thenNothing());

  const day = { from: '08:00', to: '22:00' };
  it.each([
    ['falls back to its own hour', '2026-11-23T06:30:00+05:30', 'hold sms to T+1h30m: outside_hours', 'T+1h30m', 'send sms until T+6h'], // prettier-ignore
    ['whatever it does outside, when that is earlier than the opening', '2026-11-23T01:00:00+05:30', 'hold sms to T+2h: outside_hours', 'T+2h', 'expire sms: outside_hours'], // prettier-ignore
  ])('a step that falls forward into the night %s', (_case, startedAt, first, later, then) => {
    const version = journey({ sms: { hours: day } });
    const failed = given(run(version, startedAt).after('whatsapp')).when(notReached('whatsapp').at('T+16m')).leaving();
    given(failed).when(lookedAt('T+16m')).then(first);
    given(given(failed).when(lookedAt('T+16m')).leaving())
      .when(lookedAt(later))
      .then(then);
  });
});

describe('the holdout', () => {
  it('gets ghosts, so that the comparison knows what would have been sent', () =>
    expect(passage(run().inHoldout())).toEqual([
      'T+1m ghost push until T+14m',
      'T+15m ghost whatsapp until T+45m',
      'T+2h ghost sms until T+6h',
      'T+1d end: window_over',
    ]));
  it('gets a mandatory notice like everybody', () =>
    given(run(journey({ push: { mandatory: true } })).inHoldout())
      .when(lookedAt('T+1m'))
      .then('send push until T+14m'));
});

describe('the message of a step', () => {
  const version = journey({
    push: {
      messages: [
        { when: [{ field: 'reason.class', in: ['timeout', 'infrastructure'] }], template: { body: 'confirming' } },
        { when: [{ field: 'reason.class', notIn: ['business'] }], template: { body: 'try again' } },
      ],
    },
  });
  it.each([
    ['timeout', 'send push until T+14m'],
    ['user_error', 'send push, message 2 until T+14m'],
    ['business', 'skip push: no_message_for_these_facts'],
  ])('for %s → %s', (reason, outcome) =>
    given(run(version).about({ reason: { class: reason } }))
      .when(lookedAt('T+1m'))
      .then(outcome),
  );
});

describe('the end of a run', () => {
  it.each([
    ['before the first step', run(), 'T+30s'],
    ['one second before the SMS', run().after('whatsapp'), 'T+1h59m59s'],
    ['in the last moment of the window', run().after('sms'), 'T+1d-1ms'],
  ])('the goal %s ends it', (_case, subject, at) => {
    given(subject).when(goalReached().at(at)).then('end: goal_reached');
    const over = given(subject).when(goalReached().at(at)).leaving();
    expect(over.state).toMatchObject({ isOver: true, dueAt: null });
  });
  it.each([
    ['the same amount', { value: 149_900, currency: 'INR' }, ['end: goal_reached']],
    ['another amount', { value: 99_900, currency: 'INR' }, ['flag: amount_differs', 'end: goal_reached']],
    ['another currency', { value: 149_900, currency: 'USD' }, ['flag: amount_differs', 'end: goal_reached']],
  ])('paid with %s is paid', (_case, amount, outcome) =>
    given(run())
      .when(goalReached(amount).at('T+5m'))
      .then(...outcome),
  );
  it('an exit ends it with its own reason', () =>
    given(run()).when(exitReached('order_cancelled').at('T+5m')).then('end: order_cancelled'));
  it('a goal after the window is a late success, even when nobody has looked at the run in between', () =>
    given(run().after('whatsapp'))
      .when(goalReached().at('T+1d'))
      .then('expire sms: window_over', 'end: window_over', 'late_goal'));
  it.each([
    ['looked at', lookedAt('T+2h')],
    ['the goal', goalReached().at('T+2h')],
    ['an exit', exitReached().at('T+2h')],
    ['a receipt', heard('push', 'opened').at('T+2h')],
    ['a failed channel', notReached('push').at('T+2h')],
    ['another attempt', failedAgain().at('T+2h')],
  ])('a run that is over stays over: %s', (_case, what) => given(run().over()).when(what).thenNothing());
});

it('another attempt joins the run, which speaks of the latest facts and keeps its hours', () => {
  const joined = given(run().after('push'))
    .when(failedAgain({ reason: { class: 'timeout' } }).at('T+10m'))
    .leaving();
  given(run().after('push')).when(failedAgain().at('T+10m')).then('attach');
  expect(joined.state).toMatchObject({ facts: { reason: { class: 'timeout' }, attempts: 2 }, nextStep: 1 });
  expect(joined.state.dueAt).toBe(after(T, minutes(15)));
});

it('the run speaks of the attempt that was made last, whenever it is heard of', () => {
  const first = { happenedAt: after(T, minutes(1)), reason: { class: 'timeout' }, amount: { value: 100, currency: 'INR' } };
  const joined = given(run().after('push').about(first))
    .when(failedAgain({ happenedAt: T, properties: { method: 'upi' } }).at('T+10m'))
    .leaving();
  expect(joined.state.facts).toEqual({ ...FACTS, ...first, attempts: 2 });
});

it('another attempt changes nothing of what was known of the person when the run began', () => {
  const known = { isCustomer: true, hasPhone: true, hasEmail: false, hasWhatsapp: false, hasPush: true, language: 'hi' };
  const joined = given(run().after('push').about({ known }))
    .when(failedAgain({ known: { ...known, language: 'en' } }).at('T+10m'))
    .leaving();
  expect(joined.state.facts.known).toEqual(known);
});

describe('whatever happens, in whatever order', () => {
  const arms = fc.constantFrom('treated', 'holdout') as fc.Arbitrary<RunState['arm']>;
  const hours = fc.option(
    fc.record({
      from: fc.integer({ min: 0, max: 1439 }),
      to: fc.integer({ min: 0, max: 1439 }),
      zone: fc.constantFrom('Asia/Kolkata', 'Europe/Berlin'),
      outside: fc.constantFrom<'hold' | 'expire'>('hold', 'expire'),
      exceptWithin: fc.integer({ min: 0, max: 60 }).map(minutes),
    }),
    { nil: undefined },
  );
  const postpones = fc.record({
    events: fc.constant(['App Opened']),
    within: fc.constant(minutes(3)),
    by: fc.integer({ min: 1, max: 30 }).map(minutes),
    most: fc.integer({ min: 1, max: 4 }),
  });
  const holds = fc.record({
    when: fc.constantFrom([], [{ field: 'reason.class', is: 'timeout' }]),
    for: fc.integer({ min: 1, max: 60 }).map(minutes),
    calm: fc.constant([]),
    confirmedBy: fc.constant(['Payment Declined']),
    onUnknown: fc.constant<'enter'>('enter'),
  });
  const versions: fc.Arbitrary<JourneyVersion> = fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 300 }), delay: fc.integer({ min: 1, max: 600 }), hours }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((gaps) => {
      let offset = 0;
      const steps = gaps.map(({ gap, delay, hours: open }, index): Step => {
        offset += gap;
        return {
          key: `step_${index}`,
          channel: 'push',
          after: minutes(offset),
          minDelay: minutes(Math.min(offset, 5)),
          maxDelay: minutes(delay),
          purpose: 'service',
          when: [],
          if: [],
          unless: index === 0 ? [] : [{ step: `step_${index - 1}`, signal: 'engaged', answer: 'yes' }],
          legalHours: [],
          hours: open && open.from !== open.to ? open : undefined,
          mandatory: false,
          messages: [{ when: [], template: {} }],
        };
      });
      return { ...journey(), steps, window: minutes(offset + 60) };
    })
    .chain((version) =>
      fc
        .record({ postpone: fc.option(postpones), hold: fc.option(holds) })
        .map((options): JourneyVersion => ({ ...version, ...options })),
    );
  type Timed = { readonly afterMs: number; readonly input: (now: Instant) => RunInput };
  const stepKeys = fc.integer({ min: 0, max: 5 }).map((index) => `step_${index}`);
  const endings: fc.Arbitrary<(now: Instant) => RunInput> = fc.constantFrom(
    (at: Instant) => ({ kind: 'goal_reached' as const, eventId: 'goal', at }),
    (at: Instant) => ({ kind: 'exit_reached' as const, eventId: 'exit', at, reason: 'order_cancelled' }),
  );
  const ordinary: fc.Arbitrary<(now: Instant) => RunInput> = fc.oneof(
    fc.constant(() => ({ kind: 'due' as const })),
    fc
      .tuple(stepKeys, fc.constantFrom<Signal[]>('delivered', 'read', 'opened', 'clicked', 'failed'))
      .map(([step, signal]) => () => ({ kind: 'signal' as const, step, signal })),
    stepKeys.map((step) => () => ({ kind: 'not_reached' as const, step, reason: 'bad_address' })),
    fc
      .constantFrom(FACTS, { ...FACTS, reason: { class: 'timeout' } })
      .map((facts) => () => ({ kind: 'another_attempt' as const, eventId: 'again', facts })),
    fc.constant(() => ({ kind: 'confirmed' as const, eventId: 'sure' })),
    fc.constant((at: Instant) => ({ kind: 'active' as const, eventId: 'seen', at })),
  );
  const inputs = (kinds: fc.Arbitrary<(now: Instant) => RunInput>): fc.Arbitrary<Timed[]> =>
    fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 14_400_000 }), input: kinds }), { maxLength: 25 });
  const anything = inputs(fc.oneof({ weight: 6, arbitrary: ordinary }, { weight: 1, arbitrary: endings }));

  interface Told {
    readonly now: Instant;
    readonly before: RunState;
    readonly input: RunInput;
    readonly decisions: Decision[];
  }
  /** Plays the inputs, and looks at the run whenever it is due in between; then lets it come to its end. */
  function play(version: JourneyVersion, start: RunState, timed: readonly Timed[], look = true): { told: Told[]; end: RunState } {
    const told: Told[] = [];
    let state = start;
    let now = start.startedAt;
    const take = (input: RunInput): void => {
      const decisions = decide(version, state, input, now);
      told.push({ now, before: state, input, decisions });
      state = applyDecisions(state, decisions);
    };
    const lookUntil = (limit: number): void => {
      for (let looks = 0; look && state.dueAt !== null && state.dueAt <= limit; looks += 1) {
        if (looks > 100) throw new Error('The run never comes to rest.');
        now = Math.max(now, state.dueAt) as Instant;
        take({ kind: 'due' });
      }
    };
    for (const { afterMs, input } of timed) {
      const then = after(now, durationOf(afterMs));
      lookUntil(then);
      now = then;
      take(input(now));
    }
    lookUntil(Number.MAX_SAFE_INTEGER);
    return { told, end: state };
  }
  const startOf = (version: JourneyVersion, arm: RunState['arm'] = 'treated'): RunState => ({ ...run(version).state, arm });
  const isSend = ({ kind }: Decision): boolean => kind === 'send' || kind === 'ghost';

  it('every run comes to an end, and every step of it to one outcome at the most', () =>
    fc.assert(
      fc.property(versions, arms, anything, (version, arm, timed) => {
        const { told, end } = play(version, startOf(version, arm), timed);
        const outcomes = told.flatMap(({ decisions }) =>
          decisions.flatMap((one) => (['send', 'ghost', 'skip', 'expire'].includes(one.kind) && 'step' in one ? one.step : [])),
        );
        expect(new Set(outcomes).size).toBe(outcomes.length);
        expect(end.isOver).toBe(true);
        expect(told.flatMap(({ decisions }) => decisions.filter(({ kind }) => kind === 'end'))).toHaveLength(1);
      }),
    ));

  it('every step of a run that nothing ends has exactly one outcome', () =>
    fc.assert(
      fc.property(versions, inputs(ordinary), (version, timed) => {
        const { told } = play(version, startOf(version), timed);
        const outcomes = told.flatMap(({ decisions }) =>
          decisions.flatMap((one) => (['send', 'skip', 'expire'].includes(one.kind) && 'step' in one ? one.step : [])),
        );
        expect(outcomes).toEqual(version.steps.map(({ key }) => key));
      }),
    ));

  it('nothing is sent after the goal, after an exit, or by the holdout', () =>
    fc.assert(
      fc.property(versions, arms, anything, (version, arm, timed) => {
        const { told } = play(version, startOf(version, arm), timed);
        const end = told.findIndex(({ decisions }) => decisions.some(({ kind }) => kind === 'end'));
        // A late success is written down, once, and changes nothing else.
        const later = told.slice(end + 1).flatMap(({ decisions }) => decisions.map(({ kind }) => kind));
        expect([[], ['late_goal']]).toContainEqual(later);
        if (arm === 'holdout')
          expect(told.flatMap(({ decisions }) => decisions.filter(({ kind }) => kind === 'send'))).toEqual([]);
      }),
    ));

  it('what is sent is neither early nor late, and within its hours', () =>
    fc.assert(
      fc.property(versions, anything, (version, timed) => {
        for (const { now, before, decisions } of play(version, startOf(version), timed).told)
          for (const decision of decisions) {
            if (decision.kind !== 'send') continue;
            const index = version.steps.findIndex(({ key }) => key === decision.step);
            const next = version.steps[index + 1];
            expect(decision.notAfter).toBeGreaterThanOrEqual(now);
            expect(now).toBeGreaterThanOrEqual(before.startedAt + (version.steps[index]?.minDelay ?? 0));
            expect(decision.notAfter).toBeLessThan(next ? before.startedAt + next.after : before.expiresAt);
            const open = version.steps[index]?.hours;
            if (open && now - before.startedAt > open.exceptWithin) expect(nextOpening(open, now)).toBeNull();
          }
      }),
    ));

  it('a run is never put back in time, and what it has done stays done', () =>
    fc.assert(
      fc.property(versions, anything, (version, timed) => {
        for (const { now, before, input, decisions } of play(version, startOf(version), timed).told) {
          const changed = applyDecisions(before, decisions);
          expect(changed.nextStep).toBeGreaterThanOrEqual(before.nextStep);
          if (changed.dueAt === null || before.dueAt === null) continue;
          // Looking moves the run on; only a failed channel or certainty brings its next look forward, and never into the past.
          if (['not_reached', 'confirmed', 'another_attempt'].includes(input.kind))
            expect(changed.dueAt).toBeGreaterThanOrEqual(Math.min(now, before.dueAt));
          else expect(changed.dueAt).toBeGreaterThanOrEqual(before.dueAt);
        }
      }),
    ));

  it('the same input again changes nothing: no second send, no other state', () =>
    fc.assert(
      fc.property(versions, anything, (version, timed) => {
        for (const { now, before, input, decisions } of play(version, startOf(version), timed).told) {
          if (input.kind === 'another_attempt') continue; // The store tells attempts apart by their event.
          const once = applyDecisions(before, decisions);
          const again = decide(version, once, input, now);
          if (input.kind !== 'due') expect(again).toEqual([]);
          const steps = decisions.flatMap((one) => (isSend(one) && 'step' in one ? one.step : []));
          for (const one of again) if ('step' in one) expect(steps).not.toContain(one.step);
        }
      }),
    ));

  it('the order in which signals come before the first step is due does not matter', () => {
    const signals = fc.uniqueArray(
      fc.tuple(stepKeys, fc.constantFrom<Signal[]>('delivered', 'read', 'opened', 'clicked', 'failed')),
      { maxLength: 6, selector: (pair) => pair.join() },
    );
    const both = signals.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(versions, both, (version, [some, others]) => {
        const story = (list: readonly (readonly [string, Signal])[]) =>
          play(
            version,
            startOf(version),
            list.map(([step, signal]) => ({ afterMs: 1, input: () => ({ kind: 'signal' as const, step, signal }) })),
          ).told.flatMap(({ decisions }) => decisions.filter(({ kind }) => kind !== 'note'));
        expect(story(others)).toEqual(story(some));
      }),
    );
  });

  it('falling forward loses no step that would have been sent at its own hour', () =>
    fc.assert(
      fc.property(versions, fc.integer({ min: 0, max: 600 }), (version, lookedAfter) => {
        const [first, second] = version.steps;
        if (!first || !second) return;
        const sent = (state: RunState, now: number): boolean =>
          decide(version, state, { kind: 'due' }, now as Instant).some(({ kind }) => kind === 'send');
        const waiting: RunState = { ...startOf(version), nextStep: 1, dueAt: after(T, second.after) };
        const now = after(T, minutes(lookedAfter));
        const advanced = applyDecisions(
          waiting,
          decide(version, waiting, { kind: 'not_reached', step: first.key, reason: 'bad_address' }, after(T, first.after)),
        );
        // Both are looked at for the first time at the same moment, however long the outage was.
        if (now >= after(T, second.after) && sent(waiting, now)) expect(sent(advanced, now)).toBe(true);
      }),
    ));
});
