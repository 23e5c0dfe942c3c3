/** A fault planted in the source or in the twin of a statement, to see whether the simulation is any good. */
export interface Mutant {
  readonly name: string;
  /** What somebody might get wrong one day. */
  readonly mistake: string;
  /** Texts that stand in their files once, and what stands there instead. */
  readonly patches: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** The rules that should accuse it; any other accusation is as good. */
  readonly breaks: string;
  /** A seed that caught it once: it is tried first. */
  readonly seed: number;
}

const CLAIM = 'src/channels/claim-messages.ts';
const MAY_SEND = 'src/channels/rules/may-send.ts';
const TWINS_OF_MESSAGES = 'test/simulation/store/twins-of-messages.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'claim-without-guard',
    mistake: 'The claim does not ask whether the goal has been reached.',
    patches: [{ file: MAY_SEND, from: 'if (stop !== undefined)', to: 'if (stop === "never")' }],
    breaks: 'S2',
    seed: 69,
  },
  {
    name: 'claim-without-locks',
    mistake: 'The claim reads the marks without the locks that goals take.',
    patches: [{ file: CLAIM, from: 'tx.lockKeys(candidates', to: 'void (candidates' }],
    breaks: 'S2',
    seed: 373,
  },
  {
    name: 'ingest-without-locks',
    mistake: 'An event is stored without the locks of its keys.',
    patches: [{ file: 'src/ingestion/record-events.ts', from: 'tx.lockKeys(rows.flatMap(keyTexts));', to: '' }],
    breaks: 'S2',
    seed: 220,
  },
  {
    name: 'acknowledged-before-commit',
    mistake: 'A commit that failed is taken for one that succeeded.',
    patches: [{ file: 'libs/database/database.ts', from: 'if (trouble !== undefined) throw trouble;', to: '' }],
    breaks: 'S3',
    seed: 6,
  },
  {
    name: 'goal-not-absorbing',
    mistake: 'A payment that happened before the trigger was heard of does not count.',
    patches: [
      {
        file: 'src/journeys/rules/enrol.ts',
        from: "return kind === 'order' || kind === 'payment';",
        to: "return kind === ('never' as KeyKind);",
      },
    ],
    breaks: 'S2',
    seed: 5,
  },
  {
    name: 'goal-ignored-by-run',
    mistake: 'A run goes on after its goal; only the claim stops its messages.',
    patches: [
      {
        file: 'src/journeys/rules/decide.ts',
        from: '// The scheduler may be a moment late: a goal after the window is not reached in time.',
        to: 'if (now > 0) return [];',
      },
    ],
    breaks: 'L1',
    seed: 1,
  },
  {
    name: 'receipt-rank-not-monotone',
    mistake: 'A failure that arrives late outweighs a delivery.',
    patches: [
      {
        file: 'src/channels/rules/message-state.ts',
        from: 'const arrived = heardBefore.some((kind) => RANK[kind] >= RANK.delivered);',
        to: 'const arrived = heardBefore.length > 99;',
      },
    ],
    breaks: 'L3',
    seed: 9,
  },
  {
    name: 'receipt-before-commit-lost',
    mistake: 'A receipt that beat our own commit is never matched again.',
    patches: [{ file: 'src/channels/sweep-messages.ts', from: 'await this.recordReceipts.takeParked();', to: '' }],
    breaks: 'L3',
    seed: 400,
  },
  {
    name: 'receipts-not-heard-by-runs',
    mistake: 'Who has opened the push gets the next message all the same.',
    patches: [
      {
        file: 'src/journeys/hear-from-channels.ts',
        from: ".filter(({ kind }) => kind !== 'sent')",
        to: ".filter(({ kind }) => kind === 'sent')",
      },
    ],
    breaks: 'S13',
    seed: 10,
  },
  {
    name: 'unknown-resent',
    mistake: 'What may have been accepted is sent again.',
    patches: [
      {
        file: 'src/channels/rules/message-state.ts',
        from: 'if (!call.resendIsSafe || call.attempt >= MOST_UNKNOWNS)',
        to: 'if (call.attempt >= MOST_UNKNOWNS)',
      },
    ],
    breaks: 'S1',
    seed: 114,
  },
  {
    name: 'dead-call-resent',
    mistake: 'A call whose process died is made again, on whatever channel.',
    patches: [
      { file: TWINS_OF_MESSAGES, from: 'const mayResend = again.has(values.provider);', to: 'const mayResend = again.size > 0;' },
    ],
    breaks: 'S1',
    seed: 19,
  },
  {
    name: 'lease-ignored',
    mistake: 'Nobody picks up the calls of a process that died.',
    patches: [{ file: 'src/channels/sweep-messages.ts', from: 'await this.expireLeases();', to: '' }],
    breaks: 'L2',
    seed: 15,
  },
  {
    name: 'claim-takes-what-is-taken',
    mistake: 'A message that came twice through the queue is claimed twice.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: 'const mayBeClaimed = (one: Message): boolean => WAITING.has(one.state);',
        to: 'const mayBeClaimed = (): boolean => true;',
      },
    ],
    breaks: 'S1',
    seed: 1,
  },
  {
    name: 'stale-fence-writes',
    mistake: 'A process that was given up writes down how its call ended, over the call of another.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: "one.state === 'calling' && one.fence === Number(fence)",
        to: "one.state === 'calling' && one.fence >= Number(fence)",
      },
    ],
    breaks: 'S5',
    seed: 2930,
  },
  {
    name: 'started-late',
    mistake: 'What was claimed long ago is sent without asking again.',
    patches: [
      {
        file: 'src/channels/dispatch-messages.ts',
        from: 'performance.now() - claimedAt > START_WITHIN_MS',
        to: 'performance.now() < claimedAt',
      },
    ],
    breaks: 'S2',
    seed: 2216,
  },
  {
    name: 'caps-ignored',
    mistake: 'Nobody counts how many messages a person gets.',
    patches: [
      { file: 'src/channels/rules/caps.ts', from: 'if (caps === null) return null;', to: 'if (caps !== undefined) return null;' },
    ],
    breaks: 'S8',
    seed: 1,
  },
  {
    name: 'caps-counted-without-lock',
    mistake: 'Two claims at once each leave room for the other.',
    patches: [{ file: CLAIM, from: ', lockOfPerson(personId)]', to: ', ...(personId === "" ? [lockOfPerson(personId)] : [])]' }],
    breaks: 'S8',
    seed: 373,
  },
  {
    name: 'cap-not-returned',
    mistake: 'A message that the vendor refused goes on counting.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: "new Set(['calling', 'sent', 'unknown'])",
        to: "new Set(['calling', 'sent', 'unknown', 'rejected'])",
      },
    ],
    breaks: 'S8',
    seed: 12,
  },
  {
    name: 'expired-sent',
    mistake: 'A message goes out although its time is over: neither the sweep nor the claim looks at it.',
    patches: [
      { file: MAY_SEND, from: 'if (facts.now > facts.notAfter)', to: 'if (facts.now < 0)' },
      { file: 'src/channels/sweep-messages.ts', from: 'await this.expireLate();', to: '' },
    ],
    breaks: 'S7',
    seed: 38,
  },
  {
    name: 'late-step-sent',
    mistake: 'Nobody asks whether a step is too late: not when it is decided, not while it waits, not at the claim.',
    patches: [
      { file: 'src/channels/sweep-messages.ts', from: 'await this.expireLate();', to: '' },
      { file: MAY_SEND, from: 'if (facts.now > facts.notAfter)', to: 'if (facts.now < 0)' },
      { file: 'src/journeys/rules/decide-step.ts', from: 'if (now > notAfter)', to: 'if (now < 0)' },
    ],
    breaks: 'S7',
    seed: 38,
  },
  {
    name: 'stopped-sent',
    mistake: 'The kill switch does not reach the claim.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: '!stops.some(({ scope }) => isOfJourney(scope, one))',
        to: '!stops.some(({ scope }) => scope === one.id)',
      },
    ],
    breaks: 'S14',
    seed: 1,
  },
  {
    name: 'opt-out-ignored',
    mistake: 'A withdrawal does not reach the claim.',
    patches: [{ file: MAY_SEND, from: 'if (facts.refusal !== null)', to: 'if (facts.refusal === "never")' }],
    breaks: 'S11',
    seed: 25,
  },
  {
    name: 'holdout-sent',
    mistake: 'The control group is treated.',
    patches: [
      {
        file: 'src/journeys/rules/decide-step.ts',
        from: "(run.arm === 'holdout' && !step.mandatory)",
        to: "(run.arm === 'holdout' && step.mandatory)",
      },
    ],
    breaks: 'S12',
    seed: 4,
  },
  {
    name: 'duplicate-enrol',
    mistake: 'A second trigger of the same matter starts a second run, and no index says no.',
    patches: [
      { file: 'src/journeys/rules/enrol.ts', from: "if (facts.live) return { kind: 'attach' };", to: '' },
      {
        file: 'test/simulation/store/tables.ts',
        from: '(one.ended_at === null ? `${one.journey_key} ${one.correlation}` : null)',
        to: '(one.id)',
      },
    ],
    breaks: 'S1',
    seed: 1,
  },
  {
    name: 'events-not-deduplicated',
    mistake: 'An event that is told twice is stored twice.',
    patches: [
      {
        file: 'test/simulation/store/tables.ts',
        from: 'one.source_event_id && `${one.source} ${one.source_event_id}`',
        to: 'one.source_event_id && one.id',
      },
    ],
    breaks: 'S3',
    seed: 1,
  },
  {
    name: 'lost-jobs-stay-lost',
    mistake: 'What Redis has lost is never offered again.',
    patches: [
      { file: 'src/channels/sweep-messages.ts', from: 'return { done: await this.offerAgain() };', to: 'return { done: 0 };' },
    ],
    breaks: 'L6',
    seed: 1,
  },
  {
    name: 'due-too-early',
    mistake: 'A step is due a minute before its time.',
    patches: [
      {
        file: 'src/journeys/rules/timing.ts',
        from: 'after(run.startedAt, step.after);',
        to: '(after(run.startedAt, step.after) - 60_000) as Instant;',
      },
    ],
    breaks: 'S6',
    seed: 1,
  },
];
