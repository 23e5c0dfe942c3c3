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
const ASK_GATEWAYS = 'src/payments/ask-gateways.ts';
const ENDINGS = 'src/journeys/rules/endings.ts';
const QUIET = 'src/journeys/ask-about-quiet-runs.ts';
const MAY_SEND = 'src/channels/rules/may-send.ts';
const RECORD_RECEIPTS = 'src/channels/record-receipts.ts';
const WHOSE_RECEIPT = 'src/channels/rules/whose-receipt.ts';
const MESSAGE_STATE = 'src/channels/rules/message-state.ts';
const TWINS_OF_MESSAGES = 'test/simulation/store/twins-of-messages.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'claim-without-guard',
    mistake: 'The claim does not ask whether the goal has been reached.',
    patches: [{ file: MAY_SEND, from: 'if (stop !== undefined)', to: 'if (stop === "never")' }],
    breaks: 'S2',
    seed: 58,
  },
  {
    name: 'claim-without-locks',
    mistake: 'The claim reads the marks without the locks that goals take.',
    patches: [{ file: CLAIM, from: 'tx.lockKeys(candidates', to: 'void (candidates' }],
    breaks: 'S2',
    seed: 789,
  },
  {
    name: 'ingest-without-locks',
    mistake: 'An event is stored without the locks of its keys.',
    patches: [{ file: 'src/ingestion/record-events.ts', from: 'tx.lockKeys(rows.flatMap(keyTexts));', to: '' }],
    breaks: 'S2',
    seed: 1428,
  },
  {
    name: 'acknowledged-before-commit',
    mistake: 'A commit that failed is taken for one that succeeded.',
    patches: [{ file: 'libs/database/database.ts', from: 'if (trouble !== undefined) throw trouble;', to: '' }],
    breaks: 'S3',
    seed: 46,
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
    seed: 17,
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
    seed: 16,
  },
  {
    name: 'receipt-before-commit-lost',
    mistake: 'A receipt that beat our own commit is never matched again.',
    patches: [{ file: 'src/channels/sweep-messages.ts', from: 'await this.recordReceipts.takeParked();', to: '' }],
    breaks: 'L3',
    seed: 370,
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
    seed: 7,
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
    seed: 110,
  },
  {
    name: 'dead-call-resent',
    mistake: 'A call whose process died is made again, on whatever channel.',
    patches: [
      { file: TWINS_OF_MESSAGES, from: 'const mayResend = again.has(values.provider);', to: 'const mayResend = again.size > 0;' },
    ],
    breaks: 'S1',
    seed: 39,
  },
  {
    name: 'lease-ignored',
    mistake: 'Nobody picks up the calls of a process that died.',
    patches: [{ file: 'src/channels/sweep-messages.ts', from: 'await this.expireMessages.leases(BATCH);', to: '' }],
    breaks: 'L2',
    seed: 30,
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
    seed: 104,
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
    seed: 1589,
  },
  {
    name: 'started-late',
    mistake: 'What was claimed long ago is sent without asking again.',
    patches: [
      {
        file: 'src/channels/claim-together.ts',
        from: 'performance.now() - startedAt > START_WITHIN_MS',
        to: 'performance.now() < startedAt',
      },
    ],
    breaks: 'S2',
    seed: 28,
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
    seed: 1160,
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
    seed: 1,
  },
  {
    name: 'expired-sent',
    mistake: 'A message goes out although its time is over: neither the sweep nor the claim looks at it.',
    patches: [
      { file: MAY_SEND, from: 'if (facts.now > facts.notAfter)', to: 'if (facts.now < 0)' },
      { file: 'src/channels/sweep-messages.ts', from: 'await this.expireLate();', to: '' },
    ],
    breaks: 'S7',
    seed: 58,
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
    seed: 58,
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
    seed: 9,
  },
  {
    name: 'opt-out-ignored',
    mistake: 'A withdrawal does not reach the claim.',
    patches: [{ file: MAY_SEND, from: 'if (facts.refusal !== null)', to: 'if (facts.refusal === "never")' }],
    breaks: 'S11',
    seed: 17,
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
    seed: 6,
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
    seed: 7,
  },
  {
    name: 'kill-switch-unheard',
    mistake: 'The claim asks for stops of its journey only, not for the one of all sending.',
    patches: [{ file: TWINS_OF_MESSAGES, from: "scope === 'all' || scope === `journey", to: 'scope === `journey' }],
    breaks: 'S14',
    seed: 9,
  },
  {
    name: 'pause-does-not-stop',
    mistake: 'A paused journey parks what comes due; what is planned already goes out.',
    patches: [
      {
        file: 'src/journeys/change-journeys.ts',
        from: "if (standing === 'paused') await this.stopSending.ofJourney(tx, key, actor);",
        to: "if (standing === 'paused') await Promise.resolve();",
      },
    ],
    breaks: 'S14',
    seed: 501,
  },
  {
    name: 'parked-for-ever',
    mistake: 'Nobody sets the runs of a resumed journey going again.',
    patches: [
      {
        file: 'src/journeys/unpark-runs.ts',
        from: 'const runs = await runStore.unpark',
        to: 'const runs = ((..._asked: unknown[]) => 0)',
      },
    ],
    breaks: 'L4',
    seed: 10,
  },
  {
    name: 'resumed-anew',
    mistake: 'A resumed run counts its steps from the moment in which it was resumed.',
    patches: [
      {
        file: 'test/simulation/store/twins-of-runs.ts',
        from: 'run.update(row, { due_at: Math.max(parked.dueAt, run.now),',
        to: 'run.update(row, { started_at: values.started_at + run.now - parked.dueAt, due_at: Math.max(parked.dueAt, run.now),',
      },
    ],
    breaks: 'S9',
    seed: 10,
  },
  {
    name: 'late-is-fine-after-a-pause',
    mistake:
      'A step is worth sending until the next one is due: what waited through a pause or a stop goes out beyond its delay.',
    patches: [
      {
        file: 'src/journeys/rules/timing.ts',
        from: 'return earlierOf(after(meantFor(version, run, step), step.maxDelay), (endOf(version, run, step) - 1) as Instant);',
        to: 'return (endOf(version, run, step) - 1) as Instant;',
      },
    ],
    breaks: 'S7',
    seed: 54,
  },
  {
    name: 'provider-pause-unheard',
    mistake: 'Only the container that was told knows that a provider is paused.',
    patches: [
      {
        file: 'src/channels/keep-pauses.ts',
        from: 'if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;',
        to: 'if (this.pauses.length >= 0) return;',
      },
    ],
    breaks: 'S14',
    seed: 18,
  },
  {
    name: 'held-step-unchecked',
    mistake: 'A step that was held for its hours does not ask again whether the customer has answered.',
    patches: [
      {
        file: 'src/journeys/rules/decide-step.ts',
        from: 'const against = speaksAgainst(run, step);',
        to: 'const against = dueAt > plannedAt(run, step) ? null : speaksAgainst(run, step);',
      },
    ],
    breaks: 'S13',
    seed: 1226,
  },
  {
    name: 'hours-ignored',
    mistake: 'Nobody asks whether the hours of a step are open.',
    patches: [
      { file: 'src/journeys/rules/decide-step.ts', from: 'if (closed) return closed;', to: 'if (now < 0) return closed;' },
      { file: MAY_SEND, from: 'if (opening === null)', to: 'if (now > 0)' },
    ],
    breaks: 'S7',
    seed: 9,
  },
  {
    name: 'hours-not-asked-at-the-claim',
    mistake: 'What was planned within its hours goes out whenever it is claimed.',
    patches: [{ file: MAY_SEND, from: 'if (opening === null)', to: 'if (now > 0)' }],
    breaks: 'S7',
    seed: 911,
  },
  {
    name: 'hours-never-waited-for',
    mistake: 'A step is given up although its hours open in time.',
    patches: [
      {
        file: 'src/journeys/rules/decide-step.ts',
        from: 'return opening <= notAfter &&',
        to: 'return now < 0 &&',
      },
    ],
    breaks: 'S7',
    seed: 24,
  },
  {
    name: 'laps-share-a-step',
    mistake: 'A step has one message for each run, as it had before there were laps.',
    patches: [
      {
        file: 'test/simulation/store/tables.ts',
        from: '`${one.run_id} ${one.lap} ${one.step}`',
        to: '`${one.run_id} ${one.step}`',
      },
    ],
    breaks: 'L2',
    seed: 1,
  },
  {
    name: 'earlier-lap-goes-on',
    mistake: 'What the lap before had planned is sent beside the new one.',
    patches: [
      {
        file: 'src/journeys/apply-inputs.ts',
        from: 'await this.requestMessages.cancelEarlierLaps(tx, effective.flatMap(restarted));',
        to: '',
      },
    ],
    breaks: 'S9',
    seed: 555,
  },
  {
    name: 'attempts-begin-nothing',
    mistake: 'A further attempt never begins T anew.',
    patches: [{ file: 'src/journeys/rules/decide.ts', from: "if (attempts === 'attach' ||", to: 'if (attempts.length > 0 ||' }],
    breaks: 'L8',
    seed: 6,
  },
  {
    name: 'laps-without-end',
    mistake: 'Who tries all day hears from us all day.',
    patches: [{ file: 'src/journeys/rules/decide.ts', from: 'run.lap >= version.maxLaps', to: 'run.lap >= 99' }],
    breaks: 'S9',
    seed: 27,
  },
  {
    name: 'lap-without-an-answer',
    mistake: 'T begins anew although the customer has answered nothing.',
    patches: [
      {
        file: 'src/journeys/rules/decide.ts',
        from: "if (attempts === 'restart_when_engaged' && !hasAnswered)",
        to: 'if (now < 0)',
      },
    ],
    breaks: 'S9',
    seed: 14,
  },
  {
    name: 'lap-keeps-answers',
    mistake: 'What was answered in the lap before leaves out steps of this one.',
    patches: [{ file: 'src/journeys/rules/apply-decisions.ts', from: 'signals: {},', to: '' }],
    breaks: 'S13',
    seed: 6,
  },
  {
    name: 'gateway-not-asked',
    mistake: 'Nobody asks the gateway before a message that costs money.',
    patches: [
      {
        file: 'src/channels/check-status.ts',
        from: 'if (!this.askGateways.isUsed || ids.length === 0) return ids;',
        to: 'if (ids.length >= 0) return ids;',
      },
    ],
    breaks: 'S15',
    seed: 1,
  },
  {
    name: 'paid-at-the-gateway-ignored',
    mistake: 'The gateway says "paid", and the message goes out.',
    patches: [
      {
        file: 'src/payments/rules/standing.ts',
        from: "if (state === 'open' || state === 'pending') return null;",
        to: "if (state === 'open' || state === 'pending' || state === 'paid') return null;",
      },
    ],
    breaks: 'S15',
    seed: 6,
  },
  {
    name: 'silent-gateway-means-open',
    mistake: 'A gateway that fails is taken for one that said "open".',
    patches: [
      {
        file: 'src/channels/rules/before-claim.ts',
        from: "case 'unknown':\n      return now",
        to: "case 'unknown':\n      if (now > 0) return { then: 'claim' };\n      return now",
      },
    ],
    breaks: 'S15',
    seed: 35,
  },
  {
    name: 'pending-means-open',
    mistake: 'An attempt that is with the bank does not hold messages back.',
    patches: [
      {
        file: 'src/channels/rules/before-claim.ts',
        from: "if (standing.state === 'pending')",
        to: "if (standing.state === 'never')",
      },
    ],
    breaks: 'S15',
    seed: 239,
  },
  {
    name: 'answer-not-written-down',
    mistake: 'What the gateway said is not recorded as the event that its webhook should have brought.',
    patches: [
      { file: ASK_GATEWAYS, from: 'if (answer.known && stop) await', to: 'if (answer.known && stop && guard === null) await' },
    ],
    breaks: 'S15',
    seed: 6,
  },
  {
    name: 'word-kept-too-long',
    mistake: 'A word of an hour ago is as good as asking.',
    patches: [
      { file: 'src/payments/rules/standing.ts', from: 'now - word.at <= maxAgeMs', to: 'now - word.at <= maxAgeMs * 60' },
    ],
    breaks: 'S15',
    seed: 1,
  },
  {
    name: 'young-word-is-leave',
    mistake: 'That somebody has spoken a moment ago is leave to send, whatever they said.',
    patches: [
      {
        file: ASK_GATEWAYS,
        from: 'isFresh(word, now, maxAgeMs) ? believed(word, guard) : null',
        to: 'isFresh(word, now, maxAgeMs) ? TRUSTED : null',
      },
    ],
    breaks: 'S15',
    seed: 280,
  },
  {
    name: 'hold-ignored',
    mistake: 'Of a pending payment it is said that it failed before anybody knows.',
    patches: [
      {
        file: 'src/journeys/rules/start-run.ts',
        from: 'if (!hold || !allHold(hold.when, facts)) return undefined;',
        to: 'if (!hold || facts) return undefined;',
      },
    ],
    breaks: 'S17',
    seed: 3,
  },
  {
    name: 'confirmation-unheard',
    mistake: 'The bank says that it failed, and T goes on waiting.',
    patches: [{ file: ENDINGS, from: "return at >= since ? { kind: 'confirmed', eventId } : null;", to: 'return null;' }],
    breaks: 'L10',
    seed: 14,
  },
  {
    name: 'old-confirmation-counts',
    mistake: 'That an earlier attempt did fail is taken for a word about this one.',
    patches: [{ file: ENDINGS, from: 'return at >= since ?', to: 'return at >= 0 ?' }],
    breaks: 'S17',
    seed: 14,
  },
  {
    name: 'early-confirmation-lost',
    mistake: 'What was confirmed before its trigger was heard of waits all the same.',
    patches: [
      {
        file: 'src/journeys/enrol-runs.ts',
        from: 'if (run.state.memory.heldUntil !== undefined && confirmedBy',
        to: 'if (run.state.memory.heldUntil === 0 && confirmedBy',
      },
    ],
    breaks: 'L10',
    seed: 731,
  },
  {
    name: 'unknown-always-enters',
    mistake: 'Who wants certainty gets runs about which nobody knows anything.',
    patches: [
      {
        file: 'src/journeys/rules/decide.ts',
        from: "return version.hold?.onUnknown === 'skip'",
        to: "return version.hold?.onUnknown === ('never' as string)",
      },
    ],
    breaks: 'S17',
    seed: 14,
  },
  {
    name: 'further-attempt-unheld',
    mistake: 'While nobody knows what became of a further attempt its customer is told to pay again.',
    patches: [
      {
        file: 'src/journeys/rules/decide-step.ts',
        from: 'unsureUntil > now)',
        to: 'unsureUntil > now && now < 0)',
      },
    ],
    breaks: 'S17',
    seed: 21,
  },
  {
    name: 'silence-unnoticed',
    mistake: 'A source falls silent, and nobody asks about its runs.',
    patches: [{ file: QUIET, from: 'if (quiet.size === 0) return', to: 'if (quiet.size >= 0) return' }],
    breaks: 'L11',
    seed: 429,
  },
  {
    name: 'silence-asked-once',
    mistake: 'While a source is silent its runs are asked about once, and who pays later is not found out.',
    patches: [{ file: QUIET, from: 'this.config.payments.sourceQuietAfterMs,', to: '86_400_000,' }],
    breaks: 'L11',
    seed: 429,
  },
  {
    name: 'late-word-of-an-earlier-attempt',
    mistake: 'That the first attempt was taken, told after it failed, makes the message sent while its further attempt waits.',
    patches: [
      {
        file: WHOSE_RECEIPT,
        from: "if (isOfEarlier && (told.kind === 'failed' || told.kind === 'sent')) return null;",
        to: "if (isOfEarlier && told.kind === 'failed') return null;",
      },
    ],
    breaks: 'L3',
    seed: 565,
  },
  {
    name: 'report-before-commit-is-the-end',
    mistake: 'A failure that is reported while the call is open is worth no further attempt.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: "(one) => ['calling', 'sent', 'unknown'].includes(one.state)",
        to: "(one) => ['sent', 'unknown'].includes(one.state)",
      },
    ],
    breaks: 'L12',
    seed: 1979,
  },
  {
    name: 'tried-once-more-for-ever',
    mistake: 'What may be tried once more is tried as often as it is refused.',
    patches: [{ file: MESSAGE_STATE, from: 'if (!call.hadOnceMore && call.leftMs > 0) {', to: 'if (call.leftMs > 0) {' }],
    breaks: 'S18',
    seed: 46,
  },
  {
    name: 'elsewhere-is-here',
    mistake: 'What one provider could not hand over goes to the same one again.',
    patches: [
      {
        file: 'test/simulation/store/twins-of-messages.ts',
        from: 'provider: textOrNull(moveTo) ?? one.provider,\n              tried: moveTo == null ? one.tried',
        to: 'provider: one.provider,\n              tried: moveTo == null ? one.tried',
      },
    ],
    breaks: 'S18',
    seed: 124,
  },
  {
    name: 'refused-words-again',
    mistake: 'A template that is out of use is tried again instead of the plain one.',
    patches: [
      {
        file: TWINS_OF_MESSAGES,
        from: '(one) => ({ variant: Number(variant), template: textOrNull(template), locale: textOrNull(locale) ?? one.locale }),',
        to: '(one) => ({ template: textOrNull(template), locale: textOrNull(locale) ?? one.locale }),',
      },
    ],
    breaks: 'S18',
    seed: 46,
  },
  {
    name: 'no-further-attempt',
    mistake: 'A report of failure is the end of a message, whatever it is worth.',
    patches: [
      {
        file: RECORD_RECEIPTS,
        from: 'if (failures.size === 0) return new Map();',
        to: 'if (failures.size >= 0) return new Map();',
      },
    ],
    breaks: 'L12',
    seed: 80,
  },
];
