import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { groupBy, type Instant, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { type Guard, type MessageRequest, RequestMessages } from '../channels/channels.api';
import { Catalogue } from './catalogue';
import { OpenIncidents } from './incidents/open-incidents';
import { nameOf, railsOf } from './incidents/rules/rail';
import { applyDecisions } from './rules/apply-decisions';
import { decide } from './rules/decide';
import { type JourneyVersion, type Step } from './rules/definition';
import { type ParkReason, type RunInput, type RunState } from './rules/run';
import { isBeforeFirstStep } from './rules/start-run';
import { capsOf } from './rules/caps-of-step';
import { ownHoursOf, toNextStep } from './rules/timing';
import { startOf } from './start-of-run';
import { type RunChange, runStore, type StoredRun } from './store/run.store';

/** Feeds inputs to runs: lock and read, decide, save; one statement per table for the whole batch. */
@Injectable()
export class ApplyInputs {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(RequestMessages) private readonly requestMessages: RequestMessages,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(OpenIncidents) private readonly openIncidents: OpenIncidents,
  ) {}

  /** Locks the runs by id, in order, and applies each one's inputs in the order given. Unknown runs are passed over. Gives what has changed. */
  async toRuns(tx: Transaction, inputs: readonly { runId: string; input: RunInput }[], now: Instant): Promise<RunChange[]> {
    if (inputs.length === 0) return [];
    const byRun = groupBy(inputs, (one) => one.runId);
    const runs = await runStore.lock(tx, [...byRun.keys()]);
    return this.save(
      tx,
      runs.map((run) =>
        this.decideAll(
          run,
          (byRun.get(run.state.id) ?? []).map((one) => one.input),
          now,
        ),
      ),
      now,
    );
  }

  /** For runs that are locked already and due. */
  async toDue(tx: Transaction, runs: readonly StoredRun[], now: Instant): Promise<void> {
    await this.save(
      tx,
      runs.map((run) => this.decideAll(run, [{ kind: 'due', park: this.parkReasonOf(run) }], now)),
      now,
    );
  }

  private parkReasonOf({ journeyKey, version, state }: StoredRun): ParkReason | undefined {
    if (this.catalogue.standingOf(journeyKey) === 'paused') return 'journey_paused';
    return this.openIncidents.parkReasonOf(this.catalogue.versionOf(journeyKey, version), state);
  }

  private decideAll(before: StoredRun, inputs: readonly RunInput[], now: Instant): RunChange {
    const version = this.catalogue.versionOf(before.journeyKey, before.version);
    let after = before.state;
    const decisions = [];
    const effective: RunInput[] = [];
    for (const input of inputs) {
      const decided = decide(version, after, input, now);
      if (decided.length === 0) continue;
      after = applyDecisions(after, decided);
      decisions.push(...decided);
      effective.push(input);
    }
    return { before, after, inputs: effective, decisions };
  }

  private async save(tx: Transaction, changes: readonly RunChange[], now: Instant): Promise<RunChange[]> {
    const effective = changes.filter((change) => change.decisions.length > 0);
    if (effective.length === 0) return effective;
    runStore.save(tx, effective, now);
    await this.requestMessages.cancelEarlierLaps(tx, effective.flatMap(restarted));
    await this.requestMessages.request(
      tx,
      effective.flatMap((change) => this.requestsOf(change)),
    );
    this.bus.publish(
      tx,
      'run.ended',
      effective.flatMap((change) => this.endsOf(change)),
    );
    return effective;
  }

  private requestsOf({ before, after, decisions }: RunChange): MessageRequest[] {
    const version = this.catalogue.versionOf(before.journeyKey, before.version);
    return decisions.flatMap((decision) => {
      if (decision.kind !== 'send') return [];
      const step = version.steps.find(({ key }) => key === decision.step);
      const message = step?.messages[decision.message];
      if (!step || !message) throw new Error(`Step ${decision.step} is not in ${version.key} version ${version.version}.`);
      return {
        runId: after.id,
        lap: after.lap,
        step: step.key,
        journeyKey: version.key,
        personId: before.personId,
        channel: step.channel,
        template: message.template,
        facts: after.facts,
        dueAt: decision.dueAt,
        notAfter: decision.notAfter,
        test: before.test,
        guard: withRails(before.guard, version, step, after),
        purpose: step.purpose,
        mandatory: step.mandatory,
        legalHours: step.legalHours.map(({ from, to, zone }) => ({ from, to, zone })),
        ownHours: ownHoursOf(after, step),
        toNextStepMs: toNextStep(version, step),
        caps: capsOf(version, step),
      };
    });
  }

  private endsOf({ before, after, inputs, decisions }: RunChange): BusEvents['run.ended'][] {
    const end = decisions.find((decision) => decision.kind === 'end');
    // A run in shadow is nobody's treatment: it is told of to nobody.
    if (!end || before.state.memory.shadow) return [];
    const version = this.catalogue.versionOf(before.journeyKey, before.version);
    const goal = inputs.find((input) => input.kind === 'goal_reached' && input.eventId === end.eventId);
    return [
      {
        ...startOf(before, version),
        reason: end.reason,
        eventId: end.eventId ?? null,
        endedAt: toIso(end.at),
        worth: (goal?.kind === 'goal_reached' && goal.amount) || null,
        isEarly: isBeforeFirstStep(version, after, end.at),
      },
    ];
  }
}

/** What its matter must be paid over: while that is down the message waits, unless it is to go out anyway. */
function withRails(guard: Guard, version: JourneyVersion, step: Step, { facts }: RunState): Guard {
  const rails = version.incidents === 'ignore' || step.mandatory ? [] : railsOf(facts).map(nameOf);
  return rails.length === 0 ? guard : { ...guard, rails };
}

const restarted = ({ before, after }: RunChange): { runId: string; lap: number }[] =>
  after.lap > before.state.lap ? [{ runId: after.id, lap: after.lap }] : [];
