import fc from 'fast-check';
import { after, type Instant, minutes, parseInstant } from '@wapas/kernel';
import { applyDecisions } from './apply-decisions';
import { decide } from './decide';
import {
  confirmed,
  failedAgain,
  given,
  goalReached,
  heard,
  journey,
  lookedAt,
  notReached,
  passage,
  run,
  runAbout,
  runOf,
  seen,
  T,
} from './decide.test-kit';
import { type Answer, type Signal } from './definition';
import { keyOfDecision, type Decision } from './run';
import { answerOf } from './signals';
import { variantOfRun } from './variant-of-run';

const timeout = { reason: { class: 'timeout' } };

describe('an uncertain payment waits for certainty (rule 24)', () => {
  const hold = { when: [{ field: 'reason.class', in: ['timeout', 'pending'] }], for: '10m', confirmedBy: ['Payment Declined'] };
  const holding = journey({}, { hold });
  const PASSAGE = [
    'T+1m send push until T+14m',
    'T+15m send whatsapp until T+45m',
    'T+2h send sms until T+6h',
    'T+1d end: window_over',
  ];

  it('a wrong PIN does not wait', () => expect(passage(runAbout(holding, {}))).toEqual(PASSAGE));
  it('a timeout hears nothing for ten minutes; then T begins', () =>
    expect(passage(runAbout(holding, timeout), [])).toEqual(['T+0s begin T at T+0s: status_unknown', ...PASSAGE]));
  it('a bank that says it failed lets T begin at once', () => {
    const begun = given(runAbout(holding, timeout)).when(confirmed().at('T-7m')).leaving();
    expect(begun.state).toMatchObject({ startedAt: after(T, minutes(3)), dueAt: after(T, minutes(4)), memory: {} });
    given(begun).when(confirmed().at('T+1s')).thenNothing();
  });
  it('a further attempt with a plain reason does so too', () =>
    given(runAbout(holding, timeout)).when(failedAgain().at('T-7m')).then('attach', 'begin T at T-7m: confirmed'));
  it('an earlier attempt with a plain reason, heard late, says nothing of the one that is pending', () =>
    given(runAbout(holding, { ...timeout, happenedAt: T }))
      .when(failedAgain({ happenedAt: after(T, minutes(-1)) }).at('T-7m'))
      .then('attach'));
  it('a further timeout does not', () => given(runAbout(holding, timeout)).when(failedAgain(timeout).at('T-7m')).then('attach'));
  it('a goal within the wait ends the run unheard', () =>
    given(runAbout(holding, timeout)).when(goalReached().at('T-1m')).then('end: goal_reached'));
  it('what fails in hours that are only busy waits until they are over, and half an hour longer', () => {
    const busy = journey({}, { hold: { during: [{ from: '10:00', to: '13:00' }], for: '30m' } });
    // T is 11:00.
    expect(runAbout(busy, {}).state.startedAt).toBe(after(T, minutes(150)));
    expect(runAbout(busy, {}, after(T, minutes(120))).state.memory).toEqual({});
    expect(passage(runAbout(busy, {}))[0]).toBe('T+0s begin T at T+0s: status_unknown');
  });
  it('who wants certainty may leave the unknown ones out', () =>
    given(runAbout(journey({}, { hold: { ...hold, onUnknown: 'skip' } }), timeout))
      .when(lookedAt('T'))
      .then('end: status_unknown'));
  it('parked meanwhile, it waits no longer than the window it would have had', () => {
    const expired = ['push', 'whatsapp', 'sms'].map((step) => `expire ${step}: window_over`);
    for (const at of ['T', 'T+25h']) {
      const parked = given(runAbout(holding, timeout)).when(lookedAt(at, 'journey_paused')).leaving();
      given(parked).when(lookedAt('T+1d-1ms')).thenNothing();
      given(parked)
        .when(lookedAt('T+25h'))
        .then(...expired, 'end: window_over');
    }
  });
});

describe('a further attempt of which nobody knows whether it failed', () => {
  const hold = { when: [{ field: 'reason.class', in: ['timeout', 'pending'] }], for: '10m', confirmedBy: ['Payment Declined'] };
  const holding = journey({}, { hold });
  const [PUSH, WHATSAPP, SMS, END] = [
    'T+1m send push until T+14m',
    'T+15m send whatsapp until T+45m',
    'T+2h send sms until T+6h',
    'T+1d end: window_over',
  ];
  const unsure = failedAgain(timeout);

  it.each([
    ['the steps wait as T would have, ten minutes', [unsure.at('T+10m')], [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+20m send whatsapp until T+45m', SMS, END]], // prettier-ignore
    ['a step whose time comes later keeps it', [unsure.at('T+16m')], [PUSH, WHATSAPP, 'T+16m attach', SMS, END]],
    ['the first step waits too', [unsure.at('T+30s')], ['T+30s attach', 'T+1m hold push to T+10m30s: awaiting_status', 'T+10m30s send push until T+14m', WHATSAPP, SMS, END]], // prettier-ignore
    ['one more of them within the wait makes it no longer', [unsure.at('T+10m'), unsure.at('T+12m')], [PUSH, 'T+10m attach', 'T+12m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+20m send whatsapp until T+45m', SMS, END]], // prettier-ignore
    ['a bank that says it failed lets the step go out at once', [unsure.at('T+10m'), confirmed().at('T+17m')], [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+17m advance whatsapp to T+17m: confirmed', 'T+17m send whatsapp until T+45m', SMS, END]], // prettier-ignore
    ['said before the step was due, it goes out in its time', [unsure.at('T+10m'), confirmed().at('T+12m')], [PUSH, 'T+10m attach', 'T+12m advance whatsapp to T+15m: confirmed', WHATSAPP, SMS, END]], // prettier-ignore
    ['a further attempt with a plain reason does so too', [unsure.at('T+10m'), failedAgain().at('T+16m')], [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+16m attach', 'T+16m advance whatsapp to T+16m: confirmed', 'T+16m send whatsapp until T+45m', SMS, END]], // prettier-ignore
    ['paid within the wait, nothing more is said', [unsure.at('T+10m'), goalReached().at('T+19m')], [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+19m end: goal_reached']], // prettier-ignore
    ['a step that falls forward waits as well', [notReached('push').at('T+2m'), unsure.at('T+3m')], [PUSH, 'T+2m note push failed', 'T+2m advance whatsapp to T+5m: push_bad_address', 'T+3m attach', 'T+5m hold whatsapp to T+13m: awaiting_status', 'T+13m send whatsapp until T+45m', SMS, END]], // prettier-ignore
  ])('%s', (_title, happenings, story) => expect(passage(run(holding), happenings)).toEqual(story));

  it('gives a step up that is not worth it any more by then, and not before', () => {
    const short = run(journey({ whatsapp: { maxDelay: '4m' } }, { hold }));
    const held = [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+19m: awaiting_status'];
    expect(passage(short, [unsure.at('T+10m')])).toEqual([...held, 'T+19m expire whatsapp: awaiting_status', SMS, END]);
    const told = ['T+17m advance whatsapp to T+17m: confirmed', 'T+17m send whatsapp until T+19m'];
    expect(passage(short, [unsure.at('T+10m'), confirmed().at('T+17m')])).toEqual([...held, ...told, SMS, END]);
  });
  it('ends the run unheard where who is unsure is to be left out', () => {
    const strict = journey({}, { hold: { ...hold, onUnknown: 'skip' } });
    const end = [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+20m end: status_unknown'];
    expect(passage(run(strict), [unsure.at('T+10m')])).toEqual(end);
    const told = [PUSH, 'T+4m attach', 'T+14m30s advance whatsapp to T+15m: confirmed', WHATSAPP, SMS, END];
    expect(passage(run(strict), [unsure.at('T+4m'), confirmed().at('T+14m30s')])).toEqual(told);
  });
  it('heard of only after a later one that did fail, it holds nothing back', () =>
    given(run(holding).after('push').about({ happenedAt: T }))
      .when(failedAgain({ ...timeout, happenedAt: after(T, minutes(-1)) }).at('T+10m'))
      .then('attach'));
  it('is as certain as any where nothing is said of holding', () =>
    expect(passage(run(), [unsure.at('T+10m')])).toEqual([PUSH, 'T+10m attach', WHATSAPP, SMS, END]));
  it('begins a new lap where somebody has answered, whose steps wait', () =>
    expect(
      passage(run(journey({}, { hold, attempts: 'restart_when_engaged' })).after('push', 'opened'), [unsure.at('T+10m')]).slice(
        0,
        4,
      ),
    ).toEqual([
      'T+10m attach',
      'T+10m restart T at T+10m: another_attempt',
      'T+11m hold push to T+20m: awaiting_status',
      'T+20m send push until T+24m',
    ]));
});

describe('a customer who is in the shop is not called back to it (rule 33)', () => {
  const watching = journey({}, { postpone: { events: ['App Opened'] } });
  const active = (at: string) => given(run(watching)).when(seen().at(at)).leaving();

  it.each([
    ['just now', 'T+59s', 'hold push to T+6m: customer_active'],
    ['three minutes ago', 'T', 'hold push to T+6m: customer_active'],
    ['three times in a row at most', 'T+30s', 'hold push to T+6m: customer_active'],
  ])('seen %s: the step waits', (_case, at, outcome) => given(active(at)).when(lookedAt('T+1m')).then(outcome));
  it('seen longer ago: it does not', () => given(active('T+57s')).when(lookedAt('T+3m58s')).then('send push until T+14m'));
  it('a customer who stays is left alone three times, then heard', () => {
    const stay = ['T+50s', 'T+5m50s', 'T+10m50s', 'T+13m50s'].map((at) => seen().at(at));
    expect(passage(run(watching), stay).filter((line) => line.includes('push'))).toEqual([
      'T+1m hold push to T+6m: customer_active',
      'T+6m hold push to T+11m: customer_active',
      'T+11m hold push to T+14m: customer_active',
      'T+14m send push until T+14m',
    ]);
  });
  it('the count begins anew with the next step', () => {
    const story = passage(run(watching), [seen().at('T+50s'), seen().at('T+14m')]);
    expect(story).toContain('T+15m hold whatsapp to T+20m: customer_active');
    expect(story).toContain('T+20m send whatsapp until T+45m');
  });
  it('the same sight twice changes nothing', () => given(active('T+59s')).when(seen().at('T+59s')).thenNothing());
});

describe('a further attempt', () => {
  const PUSHED = run(journey({}, { attempts: 'restart_when_engaged' })).after('push', 'opened');
  it('begins a new lap when a message was answered', () => {
    given(PUSHED).when(failedAgain().at('T+10m')).then('attach', 'restart T at T+10m: another_attempt');
    const anew = given(PUSHED).when(failedAgain().at('T+10m')).leaving();
    expect(anew.state).toMatchObject({
      lap: 2,
      nextStep: 0,
      startedAt: after(T, minutes(10)),
      signals: {},
      facts: { attempts: 2 },
    });
    expect(passage(anew)).toEqual([
      'T+1m send push until T+14m',
      'T+15m send whatsapp until T+45m',
      'T+2h send sms until T+6h',
      'T+1d end: window_over',
    ]);
  });
  it('begins none when it was made before the one that is spoken of, and heard of late', () => {
    const spoken = PUSHED.about({ happenedAt: T });
    given(spoken)
      .when(failedAgain({ happenedAt: after(T, minutes(-1)) }).at('T+10m'))
      .then('attach');
    given(spoken)
      .when(failedAgain({ happenedAt: T }).at('T+10m'))
      .then('attach', 'restart T at T+10m: another_attempt');
  });
  it('keeps T when nobody has answered', () =>
    given(run(journey({}, { attempts: 'restart_when_engaged' })).after('push'))
      .when(failedAgain().at('T+10m'))
      .then('attach'));
  it('keeps T when nothing has been said yet: who tries every minute hears something', () =>
    given(run(journey({}, { attempts: 'restart' })))
      .when(failedAgain().at('T+50s'))
      .then('attach'));
  it('begins no lap beyond the last one', () =>
    given(run(journey({}, { attempts: 'restart', maxLaps: 1 })).after('push'))
      .when(failedAgain().at('T+10m'))
      .then('attach'));
  it('takes no failure of an earlier lap for its own, and every answer', () => {
    const second = run().inLap(2).after('push');
    given(second)
      .when(notReached('push', 'bad_address', 1).at('T+2m'))
      .thenNothing();
    given(second)
      .when(heard('push', 'unknown', 1).at('T+2m'))
      .thenNothing();
    given(second)
      .when(heard('push', 'failed', 1).at('T+2m'))
      .thenNothing();
    given(second)
      .when(heard('push', 'opened', 1).at('T+2m'))
      .then('note push opened');
    given(second)
      .when(notReached('push', 'bad_address', 2).at('T+2m'))
      .then('note push failed', 'advance whatsapp to T+5m: push_bad_address');
  });

  it('gives the decisions of the new lap keys of their own', () => {
    const send: Decision = { kind: 'send', step: 'push', message: 0, dueAt: T, notAfter: T };
    expect(keyOfDecision({ id: 'r', lap: 1 }, send)).toBe('r:1:send:push');
    expect(keyOfDecision({ id: 'r', lap: 2 }, send)).toBe('r:2:send:push');
  });
});

describe('three answers', () => {
  it.each<[Signal[], Signal, Answer]>([
    [[], 'opened', 'unknown'],
    [['delivered'], 'opened', 'unknown'],
    [['unknown'], 'opened', 'unknown'],
    [['failed'], 'opened', 'no'],
    [['opened'], 'opened', 'yes'],
    [['opened'], 'failed', 'no'],
    [['failed', 'opened'], 'opened', 'yes'],
    [['unknown'], 'unknown', 'yes'],
  ])('known %j: was it %s? %s', (known, signal, answer) => expect(answerOf(known, signal)).toBe(answer));

  const asking = (answer: Answer, list: 'if' | 'unless') =>
    journey({ whatsapp: { unless: [], [list]: [{ step: 'push', signal: 'opened', answer }] } });
  it.each<[string, 'if' | 'unless', Answer, Signal[], string]>([
    ['goes out only to those who opened', 'if', 'yes', ['opened'], 'send whatsapp until T+45m'],
    ['and not to the others', 'if', 'yes', [], 'skip whatsapp: not_push_opened'],
    ['goes out only where the push failed', 'if', 'no', ['failed'], 'send whatsapp until T+45m'],
    ['which silence is not', 'if', 'no', [], 'skip whatsapp: not_push_opened_no'],
    ['is left out where nothing is known', 'unless', 'unknown', [], 'skip whatsapp: push_opened_unknown'],
    ['but not where it failed', 'unless', 'unknown', ['failed'], 'send whatsapp until T+45m'],
  ])('a step %s', (_case, list, answer, known, outcome) =>
    given(run(asking(answer, list)).after('push', ...known))
      .when(lookedAt('T+15m'))
      .then(outcome),
  );
});

describe('whom a step is for', () => {
  it.each<[string, object, string]>([
    ['amount', { field: 'amount.value', atLeast: 200_000 }, 'skip push: not_for_these_facts'],
    ['amount reached', { field: 'amount.value', atLeast: 149_900 }, 'send push until T+14m'],
    ['reason class', { field: 'reason.class', is: 'user_error' }, 'send push until T+14m'],
    ['profile', { field: 'profile.hasPush', is: true }, 'skip push: not_for_these_facts'],
  ])('is said by %s', (_case, condition, outcome) =>
    given(run(journey({ push: { when: [condition as never] } })))
      .when(lookedAt('T+1m'))
      .then(outcome),
  );
});

describe('variants', () => {
  const variants = [
    { key: 'plain', percent: 50, template: { body: 'a' } },
    { key: 'warm', percent: 50, template: { body: 'b' } },
  ];
  const drawing = journey({ push: { messages: [{ variants }] } });
  const drawnFor = (unit: string): string =>
    decide(drawing, run(drawing).of(unit).state, { kind: 'due' }, after(T, minutes(1)))
      .flatMap((one) => (one.kind === 'send' ? [`${one.variant} ${one.message}`] : []))
      .join();

  it('everybody gets exactly one, always the same', () =>
    fc.assert(
      fc.property(fc.uuid(), (unit) => {
        expect(['plain 0', 'warm 1']).toContain(drawnFor(unit));
        expect(drawnFor(unit)).toBe(drawnFor(unit));
      }),
    ));
  it('the run is counted under what it was drawn, and sent just that', () => {
    for (let person = 0; person < 50; person++)
      expect(`push:${drawnFor(`person-${person}`).split(' ')[0]}`).toBe(variantOfRun(drawing, `person-${person}`));
    expect(variantOfRun(journey(), 'person-1')).toBeUndefined();
  });
  it('half of the people each', () => {
    const drawn = Array.from({ length: 4_000 }, (_one, index) => drawnFor(`person-${index}`));
    expect(Math.abs(drawn.filter((one) => one === 'plain 0').length - 2_000)).toBeLessThan(4 * Math.sqrt(4_000 / 4));
  });
});

describe('hours set by law', () => {
  const promotional = journey({ sms: { purpose: 'marketing', maxDelay: '20h' } });
  const lending = journey({ sms: { maxDelay: '20h' } }, { legalHours: ['loan_contact_in'] });
  const both = journey({
    sms: { purpose: 'marketing', maxDelay: '20h', hours: { from: '18:00', to: '11:00', outside: 'hold' } },
  });
  it.each([
    ['marketing by SMS at 10:00', promotional, '2026-11-23T08:00:00+05:30', 'send sms until T+22h'],
    ['at 09:59:59', promotional, '2026-11-23T07:59:59+05:30', 'hold sms to T+2h1s: outside_hours'],
    ['at 20:45', promotional, '2026-11-23T18:45:00+05:30', 'hold sms to T+15h15m: outside_hours'],
    ['service by SMS at 20:45', journey(), '2026-11-23T18:45:00+05:30', 'send sms until T+6h'],
    ['a loan at 19:00', lending, '2026-11-23T17:00:00+05:30', 'hold sms to T+15h: outside_hours'],
    [
      'held beyond its delay',
      journey({ sms: { purpose: 'marketing' } }),
      '2026-11-23T18:45:00+05:30',
      'expire sms: outside_hours',
    ],
    ['own hours and legal ones: both must be open', both, '2026-11-23T19:00:00+05:30', 'hold sms to T+15h: outside_hours'],
  ])('%s', (_case, version, startedAt, outcome) =>
    given(run(version, startedAt).after('whatsapp')).when(lookedAt('T+2h')).then(outcome),
  );
  it("are not lifted by the customer's own action", () => {
    const eager = journey({
      sms: { purpose: 'marketing', hours: { from: '08:00', to: '22:00', exceptWithin: '3h' }, maxDelay: '1m' },
    });
    given(run(eager, '2026-11-23T19:30:00+05:30').after('whatsapp')).when(lookedAt('T+2h')).then('expire sms: outside_hours');
  });
  it('bind mandatory notices too', () =>
    given(
      run(journey({ sms: { mandatory: true } }, { legalHours: ['loan_contact_in'] }), '2026-11-23T17:00:00+05:30').after(
        'whatsapp',
      ),
    )
      .when(lookedAt('T+2h'))
      .then('expire sms: outside_hours'));
});

describe('two steps at one moment', () => {
  const both = journey({ whatsapp: { after: '1m', together: true, minDelay: '1m', unless: [] } });
  it('both go out, neither ends the other', () =>
    expect(passage(run(both))).toEqual([
      'T+1m send push until T+14m',
      'T+1m send whatsapp until T+31m',
      'T+2h send sms until T+6h',
      'T+1d end: window_over',
    ]));
});

describe('a journey that may not act', () => {
  it('parks what comes due, and keeps it', () => {
    given(run()).when(lookedAt('T+1m', 'journey_paused')).then('park: journey_paused');
    const parked = given(run()).when(lookedAt('T+1m', 'journey_paused')).leaving();
    expect(parked.state).toMatchObject({ isOver: false, memory: { parked: { reason: 'journey_paused' } } });
    given(parked).when(lookedAt('T+2m')).thenNothing();
    given(parked).when(goalReached().at('T+5m')).then('end: goal_reached');
    given(parked).when(heard('push', 'opened').at('T+2m')).then('note push opened');
    given(parked).when(notReached('push').at('T+2m')).then('note push failed');
  });
  it('ends what is over all the same', () =>
    given(run().after('sms')).when(lookedAt('T+1d', 'journey_paused')).then('end: window_over'));
  it('keeps nobody longer than the window: what is parked ends with it, as if nothing had stood still', () => {
    const parked = given(run().after('push')).when(lookedAt('T+15m', 'journey_paused')).leaving();
    given(parked).when(lookedAt('T+1d-1ms', 'journey_paused')).thenNothing();
    given(parked)
      .when(lookedAt('T+1d', 'journey_paused'))
      .then('expire whatsapp: window_over', 'expire sms: window_over', 'end: window_over');
  });
});

describe('in shadow', () => {
  it('everything is decided and nothing is sent, mandatory notices neither', () =>
    expect(passage(run(journey({ push: { mandatory: true } })).inShadow())).toEqual([
      'T+1m ghost push until T+14m',
      'T+15m ghost whatsapp until T+45m',
      'T+2h ghost sms until T+6h',
      'T+1d end: window_over',
    ]));
});

describe('a late success', () => {
  const over = runOf(
    journey(),
    applyDecisions(
      run().after('sms').state,
      decide(journey(), run().after('sms').state, { kind: 'due' }, after(T, minutes(1_440))),
    ),
  );
  it.each([
    ['in the first moment after the window', 'T+1d', ['late_goal']],
    ['on the third day', 'T+3d-1ms', ['late_goal']],
    ['after three days', 'T+3d', []],
  ])('%s', (_case, at, outcome) => {
    const decided = given(over).when(goalReached().at(at));
    if (outcome.length > 0) decided.then(...outcome);
    else decided.thenNothing();
  });
  it('counts once', () => {
    const once = given(over).when(goalReached().at('T+2d')).leaving();
    given(once).when(goalReached().at('T+2d1s')).thenNothing();
    expect(once.state.isOver).toBe(true);
  });
  it('is none when an exit has ended the run', () => given(run().over()).when(goalReached().at('T+2d')).thenNothing());
});

it('every effect of a passage has a key of its own, the same in every replay', () => {
  const keysOf = (): string[] => {
    let state = run().state;
    const keys: string[] = [];
    while (state.dueAt !== null) {
      const decided = decide(journey(), state, { kind: 'due' }, state.dueAt);
      keys.push(...decided.filter(({ kind }) => kind === 'send').map((one) => keyOfDecision(state, one)));
      state = applyDecisions(state, decided);
    }
    return keys;
  };
  expect(keysOf()).toEqual(['run-1:1:send:push', 'run-1:1:send:whatsapp', 'run-1:1:send:sms']);
  expect(keysOf()).toEqual(keysOf());
});

describe('days of the month', () => {
  const days = { from: 28, to: 3 };
  const hours = { from: '09:30', to: '11:00', outside: 'hold' as const };
  const PUSH = 'T+1m send push until T+14m';
  const WHATSAPP = 'T+15m send whatsapp until T+45m';

  // T is 11:00 on the 23rd.
  it('are waited for where they come before the end, and lateness counts from there', () =>
    expect(passage(runAbout(journey({ sms: { days, hours } }, { window: '10d' }), {}))).toEqual([
      PUSH,
      WHATSAPP,
      'T+2h hold sms to T+4d22h30m: outside_days',
      'T+4d22h30m send sms until T+5d2h30m',
      'T+10d end: window_over',
    ]));
  it('are not waited for where the run ends before them', () =>
    expect(passage(runAbout(journey({ sms: { days, hours: { ...hours, to: '14:00' } } }, { window: '4d' }), {}))).toEqual([
      PUSH,
      WHATSAPP,
      'T+2h send sms until T+6h',
      'T+4d end: window_over',
    ]));
  it('are not waited for where the next step comes before them', () =>
    expect(
      passage(runAbout(journey({ whatsapp: { days, hours: { ...hours, to: '14:00' } } }, { window: '10d' }), {})).slice(0, 2),
    ).toEqual([PUSH, WHATSAPP]));
  it('are waited for by runs about such facts only', () => {
    const when = [{ field: 'reason.class', is: 'insufficient_funds' }];
    const version = journey({ sms: { days: { ...days, when }, hours: { ...hours, to: '14:00' } } }, { window: '10d' });
    expect(passage(runAbout(version, {}))[2]).toBe('T+2h send sms until T+6h');
    expect(passage(runAbout(version, { reason: { class: 'insufficient_funds' } }))[2]).toBe(
      'T+2h hold sms to T+4d22h30m: outside_days',
    );
  });
  it('a goal while it waits ends the run', () =>
    expect(
      passage(runAbout(journey({ sms: { days, hours } }, { window: '10d' }), {}), [goalReached().at('T+2d')]).slice(-1),
    ).toEqual(['T+2d end: goal_reached']));
  it('on one of them the step goes at its own hour', () => {
    const T28 = parseInstant('2026-11-28T08:00:00+05:30') as Instant;
    expect(passage(runAbout(journey({ sms: { days, hours } }, { window: '10d' }), {}, T28))[2]).toBe('T+2h send sms until T+6h');
  });
});
