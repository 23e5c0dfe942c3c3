import { Inject, Injectable } from '@nestjs/common';
import { type Duration, hours, type Instant } from '@wapas/kernel';
import { brokenCap, countHad, ForeseeMessages, Templates } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { KnownChannels } from '../known-channels';
import { checkEvent, type EventContent, kindsOfKeys } from '../ingestion/ingestion.api';
import { factsAbout, factsOf, type StoredPerson } from './facts-of-event';
import { wasNotReached } from './not-reached';
import { capsOf } from './rules/caps-of-step';
import { type JourneyVersion, type Signal, type Step } from './rules/definition';
import { type Behaviour, inventCustomer } from './rules/invent-customer';
import { type DefinitionFault } from './rules/parse-definition';
import { type Arm, type RunFacts } from './rules/run';
import {
  simulate,
  type SimulatedAnswer,
  type SimulatedEntry,
  type SimulatedEvent,
  type SimulatedMessage,
  type Withheld,
} from './rules/simulate';

export interface TestRun {
  readonly start: Instant;
  readonly arm: Arm;
  readonly shadow: boolean;
  /** Bodies as POST /v1/events takes them. */
  readonly events: readonly unknown[];
  readonly answers: readonly { readonly step: string; readonly signal: Signal; readonly after: Duration }[];
  /** Instead of events: somebody is made up. */
  readonly customer?: Behaviour;
}

/** An entry with what its message would say. */
export interface ToldEntry extends SimulatedEntry {
  readonly channel?: string;
  readonly content?: object;
  /** The variable that a message lacks: it would not go out. */
  readonly missing?: string;
}

export type TestRunResult =
  | { readonly outcome: 'told'; readonly timeline: readonly ToldEntry[] }
  | { readonly outcome: 'refused'; readonly faults: readonly DefinitionFault[] };

const LINK = { url: 'https://pay.example/WAPAS/test-run', token: 'test-run' };

/** Plays a journey for somebody who does not exist. Reads nothing and writes nothing: no table, no queue, no provider. */
@Injectable()
export class SimulateJourney {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(Templates) private readonly templates: Templates,
    @Inject(ForeseeMessages) private readonly messages: Pick<ForeseeMessages, 'limits'>,
  ) {}

  run(version: JourneyVersion, test: TestRun): TestRunResult {
    const faults: DefinitionFault[] = [];
    const given = test.events.flatMap((body, index) => this.toEvent(body, index, test.start, faults));
    faults.push(...unknownSteps(version, test.answers));
    if (faults.length > 0) return { outcome: 'refused', faults };
    const { events, answers } = test.customer
      ? inventCustomer(version, test.customer, test.start)
      : { events: given, answers: test.answers };
    try {
      const withheld = (message: SimulatedMessage, now: Instant) => this.withheld(version, message, now);
      const entries = simulate(version, { events, answers, arm: test.arm, shadow: test.shadow, unit: UNIT, withheld });
      return { outcome: 'told', timeline: entries.map((entry) => this.withContent(version, entry)) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { outcome: 'refused', faults: [{ at: '/events', code: 'endless', detail: `${error.message} Give fewer events.` }] };
    }
  }

  private toEvent(body: unknown, index: number, start: Instant, faults: DefinitionFault[]): SimulatedEvent[] {
    const { config: phones, channels } = this;
    const checked = checkEvent(body, { now: start, mostAhead: LONGEST_PASSAGE, test: false, phones, channels });
    if (!checked.ok) {
      faults.push(...checked.faults.map((fault) => ({ ...fault, at: `/events/${index}${fault.at === '/' ? '' : fault.at}` })));
      return [];
    }
    const { name, occurredAt = start, content } = checked.event;
    return [
      {
        id: `event-${index + 1}`,
        name,
        occurredAt,
        // Nobody is looked up: what is stored of this customer is what the event says.
        facts: factsAbout(factsOf({ content, occurredAt }), personIn(content)),
        keys: kindsOfKeys(content),
      },
    ];
  }

  private withContent(version: JourneyVersion, entry: SimulatedEntry): ToldEntry {
    const { decision, facts } = entry;
    if (!facts || !decision || (decision.kind !== 'send' && decision.kind !== 'ghost')) return entry;
    const step = stepOf(version, decision.step);
    const rendered = this.render(step, decision.message, facts);
    const said = rendered.ok ? { content: rendered.content } : { missing: rendered.missing };
    return { ...entry, channel: step.channel, ...said };
  }

  private render({ channel, messages }: Step, message: number, facts: RunFacts) {
    return this.templates.render(channel, messages[message]?.template ?? {}, facts, LINK, facts.known?.language);
  }

  /** What a claim would find, as far as the script says it: gaps in the text, and how many messages there were. */
  private withheld(
    version: JourneyVersion,
    { step, message, run, facts, went }: SimulatedMessage,
    now: Instant,
  ): Withheld | null {
    const asked = stepOf(version, step);
    const rendered = this.render(asked, message, facts);
    const reason = rendered.ok
      ? brokenCap(capsOf(version, asked), hadBefore(version, run, went, now), this.messages.limits)
      : `missing_${rendered.missing.replaceAll('.', '_')}`;
    return reason === null ? null : { reason, wasNotReached: wasNotReached('skipped', reason) };
  }
}

function stepOf({ steps }: JourneyVersion, key: string): Step {
  const step = steps.find((one) => one.key === key);
  if (!step) throw new Error(`The journey has no step "${key}".`);
  return step;
}

/** As long as a journey may last, and a goal after its window may still count. */
const LONGEST_PASSAGE = hours(24 * 60);
/** One person goes through all of a script. */
const UNIT = 'test-run';

function hadBefore(version: JourneyVersion, run: number, went: SimulatedMessage['went'], now: Instant) {
  const taken = went.map((one) => ({
    personId: UNIT,
    runId: String(one.run),
    marketing: stepOf(version, one.step).purpose === 'marketing',
    calledAt: one.at,
  }));
  return countHad({ personId: UNIT, runId: String(run) }, taken, now);
}

function personIn({ person = {} }: EventContent): StoredPerson {
  const { customerId, name = null, phone, email, whatsappId, language = null, pushTokens = [] } = person;
  const reached = { phone, email, whatsapp_id: whatsappId, push_token: pushTokens[0] };
  const addresses = Object.entries(reached).flatMap(([kind, value]) => (value === undefined ? [] : [kind]));
  return { name, isCustomer: customerId !== undefined, language, addresses };
}

function unknownSteps(version: JourneyVersion, answers: readonly SimulatedAnswer[]): DefinitionFault[] {
  return answers.flatMap(({ step }, index) =>
    version.steps.some(({ key }) => key === step)
      ? []
      : [{ at: `/answers/${index}/step`, code: 'unknown_step', detail: 'The journey has no step of this key.' }],
  );
}
