import { InProcessTokenBucket } from '@wapas/work-queue';
import { type Instant, newId } from '@wapas/kernel';
import { DueLoop } from '@wapas/scheduler';
import crypto from 'node:crypto';
import { type ProviderReceipt, type ReceiptKind } from '@wapas/provider-kit';
import { contentIn } from '../../src/channels/store/sealed-message';
import { secretIn } from '../../src/journeys/store/sealed-run';
import { CONFIGURATION, Container, openSeals } from './container';
import { type AnswerFate, GATEWAY, PlayedGateway, turnAt } from './gateway';
import { type Message, Oracle } from './oracle';
import { Random } from './random';
import { drawScenario, drawStart, type Scenario, type Stop, type Told } from './scenario';
import { type JobFate, SharedQueue } from './shared-queue';
import { SimulatedPool } from './store/pool';
import { type Change, type Fate } from './store/postgres';
import { simulatedStore } from './store/simulated-store';
import { type Tables } from './store/tables';
import { Process, Timeline } from './timeline';
import {
  ALL_VENDORS,
  type CallFate,
  type CallSeen,
  drawReceipts,
  drawReport,
  readContent,
  type Report,
  Vendors,
} from './vendors';

/** What one seed came to. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** How often each fault struck, by `fault @ where`. */
  readonly hits: ReadonlyMap<string, number>;
  /** The states that messages went through, and how their runs ended. */
  readonly states: ReadonlyMap<string, number>;
  readonly hash: number;
  readonly events: number;
}

const MINUTE = 60_000;
const RULES = {
  laps: 3,
  resendable: new Set(['push']),
  echoing: new Set(['push', 'whatsapp']),
  startWithin: 1_000,
  wordFor: MINUTE,
};
/** The channels on which a gateway is asked first, where there is one. */
const PAID = new Set(['whatsapp', 'sms']);
const CONTAINERS = 2;
const SHOP = 'shop';
const QUIET_AFTER_MS = CONFIGURATION.payments.sourceQuietAfterMs;

/** Plays one seed to its end. Never throws for what the product does wrong: that stands in `violations`. */
export async function playSeed(seed: number): Promise<Outcome> {
  return new World(seed).play();
}

interface Running {
  readonly process: Process;
  readonly pool: SimulatedPool;
  readonly container: Container;
  readonly startedAt: number;
}

class World {
  private readonly random: Random;
  private readonly timeline: Timeline;
  private readonly scenario: Scenario;
  private readonly oracle: Oracle;
  private readonly tables: Tables;
  private readonly server: ReturnType<typeof simulatedStore>['server'];
  private readonly queue: SharedQueue;
  private readonly vendors: Vendors;
  private readonly gateway: PlayedGateway | null;
  private readonly outside = new Process('outside');
  private readonly postgres = new Process('postgres');
  private readonly running: Running[] = [];
  private readonly hits = new Map<string, number>();
  private readonly states = new Map<string, number>();
  private readonly calls = new Map<string, ReturnType<Oracle['callBegan']>>();
  private readonly told = new Map<string, Told>();
  private readonly people = new Map<string, string>();
  private readonly trouble: string[] = [];
  private readonly storm: Storm;
  /** How far the database is away: the slower it answers, the more happens in between. */
  private readonly distance: number;
  private readonly caps: { readonly perDay: number; readonly marketingPerDay: number };
  private born = 0;

  constructor(private readonly seed: number) {
    this.random = new Random(seed);
    this.distance = this.random.pick([1, 1, 5, 20]);
    const start = drawStart(this.random, seed);
    this.timeline = new Timeline(start - 10 * MINUTE, this.random.branch());
    this.scenario = drawScenario(this.random.branch(), start);
    this.caps = { perDay: this.random.pick([2, 3, 4]), marketingPerDay: this.random.pick([1, 2]) };
    this.oracle = new Oracle(
      { ...RULES, ...this.caps, asked: this.scenario.orders ? PAID : new Set(), hasSpare: this.scenario.hasSpare },
      this.scenario.visits,
    );
    this.storm = new Storm(this.random.branch(), start, this.scenario.over);
    const { server, tables } = simulatedStore(this.wireOf(this.postgres, () => undefined));
    this.server = server;
    this.tables = tables;
    this.server.onCommit = (changes) => this.committed(changes);
    this.server.onRollback = () => this.timeline.noteChange();
    this.timeline.rows = {
      nextMomentAfter: (now) =>
        Math.min(
          tables.nextMomentAfter(now),
          this.nextEndOfAHoldAfter(now),
          this.nextLookAfter(now),
          this.nextLookAtSilenceAfter(now),
        ),
      isAnyWaiting: (now) => tables.isAnyWaiting(now) || this.isAnybodyBehind() || this.parked().length > 0 || this.isSilent(now),
    };
    markPolls(this.timeline);
    this.queue = new SharedQueue(
      this.timeline,
      this.random.branch(),
      () => this.jobFate(),
      (fact, error) => this.noteTrouble(fact, error),
    );
    this.vendors = new Vendors(
      this.timeline,
      this.random.branch(),
      {
        began: (call) => this.callBegan(call),
        fateOf: (call) => this.callFate(call),
        accepted: (call, vendorId) => this.callAccepted(call, vendorId),
        answered: (call) => this.oracle.answered(this.callOf(call), this.timeline.now),
      },
      new Process('vendors'),
    );
    this.gateway =
      this.scenario.orders &&
      new PlayedGateway(this.timeline, this.random.branch(), this.scenario.orders, {
        fateOf: () => this.answerFate(),
        answered: ({ order, said, seenAt }) => this.oracle.told({ order, said, seenAt, at: this.timeline.now }),
      });
  }

  async play(): Promise<Outcome> {
    const putBack = seedTheIds(this.random.branch());
    try {
      this.publishJourneys();
      for (let count = 0; count < CONTAINERS; count += 1) this.boot();
      for (const told of this.scenario.told) this.plan(told);
      for (const stop of this.scenario.stops) this.planStop(stop);
      this.planDisasters();
      await this.timeline.runUntil(this.scenario.over + 10 * MINUTE);
      const rows = this.finalRows();
      this.oracle.judgeTheEnd(rows);
      this.oracle.judgeWords(this.storm.until + MINUTE);
      this.oracle.judgeHolds(this.storm.until + MINUTE, rows.runs);
      this.oracle.judgeReports(this.storm.until + MINUTE, rows);
      this.judgeSilence(rows.runs);
    } catch (error) {
      this.oracle.violations.push(`BUG: ${(error as Error).stack}`);
    } finally {
      putBack();
    }
    this.countStates();
    return {
      seed: this.seed,
      violations: [...new Set(this.oracle.violations)],
      hits: this.hits,
      states: this.states,
      hash: this.timeline.hash,
      events: this.timeline.fired,
    };
  }

  // Containers.

  private boot(): void {
    const process = new Process(`container-${(this.born += 1)}`);
    process.clockIsOff = this.storm.clockError();
    const pool = new SimulatedPool(
      this.server,
      this.wireOf(process, () => this.kill(running)),
    );
    const container = new Container({
      pool,
      queue: this.queue.for(process),
      bucket: new InProcessTokenBucket(),
      providers: this.vendors.for(process, this.scenario.hasSpare),
      gateways: this.gateway ? [this.gateway.for(process)] : [],
      fallsSilent: this.scenario.quietFrom !== null,
      caps: { ...this.caps, marketingPerWeek: 5 },
      now: () => this.timeline.now,
      onTrouble: (fact, error) => this.noteTrouble(fact, error),
    });
    const running: Running = { process, pool, container, startedAt: this.timeline.now };
    this.running.push(running);
    this.timeline.in(1, process, 'start', () => void this.start(running));
  }

  private async start({ container }: Running): Promise<void> {
    try {
      await container.start();
    } catch {
      // The database went away while it started: its orchestrator starts it again.
      const dead = this.running.find((one) => one.container === container);
      if (dead) this.outsideAt(this.timeline.now, () => this.kill(dead));
    }
  }

  /** SIGKILL: nothing is tidied up. Its orchestrator starts another one after a while. */
  private kill(running: Running): void {
    if (!running.process.alive) return;
    running.process.alive = false;
    running.pool.kill();
    this.queue.forget(running.process);
    this.running.splice(this.running.indexOf(running), 1);
    this.timeline.noteChange();
    this.outsideAt(this.timeline.now + this.random.between(500, 45_000), () => this.boot());
  }

  private wireOf(process: Process, die: () => void) {
    const { timeline, random } = this;
    return {
      now: () => timeline.now,
      atServer: (work: () => void) =>
        void timeline.in(random.between(0.05, 0.8) * this.distance, this.postgres, 'statement', work),
      atClient: (work: () => void) => void timeline.in(random.between(0.05, 0.8) * this.distance, process, 'rows', work),
      later: (ms: number, work: () => void) => {
        const happening = timeline.in(ms, this.postgres, 'timeout', work);
        return () => {
          happening.cancelled = true;
        };
      },
      fateOf: (name: string) => this.fateOfStatement(name, process, die),
    };
  }

  private fateOfStatement(name: string, process: Process, die: () => void): Fate {
    this.timeline.note(name);
    const fault = this.storm.statementFault(this.timeline.now, name);
    if (fault === 'none') return 'arrives';
    this.hit(`${fault} @ ${name.startsWith('begin') ? 'begin' : name}`);
    switch (fault) {
      case 'crash_before':
        die();
        return 'lost_before';
      case 'crash_after':
        this.outsideAt(this.timeline.now, die);
        return 'arrives';
      case 'freeze':
        process.frozenUntil = this.timeline.now + this.random.between(500, 45_000);
        return 'arrives';
      case 'lost_before':
      case 'lost_after':
        return fault;
    }
  }

  // Sources.

  private plan(told: Told): void {
    this.told.set(told.id, told);
    if (told.at > (this.scenario.quietFrom ?? Number.POSITIVE_INFINITY) && isOfWebhook(told)) return;
    this.outsideAt(told.at, () => this.post(told, 1));
    for (let again = 0; again < told.again; again += 1)
      this.outsideAt(told.at + this.random.between(0, 20 * MINUTE), () => this.post(told, 1));
  }

  /** Posts until it is acknowledged, as every source does. */
  private post(told: Told, tries: number): void {
    const target = this.anyContainer();
    let isSettled = false;
    const again = (): void => {
      if (isSettled) return;
      isSettled = true;
      this.outsideAt(this.timeline.now + this.random.between(200, 2_000 * tries), () => this.post(told, tries + 1));
    };
    if (!target) return again();
    this.timeline.in(this.random.between(0.5, 5), target.process, 'post', () => {
      this.timeline.noteChange();
      if (this.scenario.quietFrom !== null && isOfWebhook(told)) this.heard(target.container);
      void target.container.recordEvents.record(told.event).then(
        (recorded) => {
          if (recorded.outcome === 'conflict') this.oracle.violations.push(`S3: ${told.id} contradicts itself`);
          // The answer has left the process: from here on the source may rely on it.
          this.acknowledged(told);
          isSettled = true;
        },
        () => this.outsideAt(this.timeline.now + 1, again),
      );
    });
    this.outsideAt(this.timeline.now + 10_000, again);
  }

  /** An authentic webhook came in. */
  private heard(container: Container): void {
    container.sourcePulse.heard(SHOP);
  }

  private acknowledged(told: Told): void {
    const { now } = this.timeline;
    this.oracle.acknowledged(told.id, now);
    const { meaning } = told;
    if (meaning.kind === 'goal' || meaning.kind === 'exit') this.oracle.endingAcknowledged(told.id, now);
  }

  /** An operator asks until it is so. */
  private planStop({ of, subject, from, to }: Stop): void {
    const ask = (act: (container: Container) => Promise<unknown>, isDone: () => boolean): void => {
      if (isDone()) return;
      const target = this.anyContainer();
      if (target) this.timeline.in(1, target.process, 'operator', () => void act(target.container).catch(() => undefined));
      this.outsideAt(this.timeline.now + 5_000, () => ask(act, isDone));
    };
    const { stop, standing, pause } = this.tables;
    const isSet = {
      journey: () => standing.all().some((one) => one.key === subject && one.standing === 'paused'),
      everything: () => stop.all().some(({ scope }) => scope === 'all'),
      provider: () => pause.all().some((one) => one.provider === subject && one.reason === 'operator'),
    }[of];
    const set = (container: Container): Promise<unknown> => {
      if (of === 'journey') return container.changeJourneys.stand(subject, 'paused', 'operator');
      return of === 'provider' ? container.keepPauses.pause(subject) : container.stopSending.everything('operator', null);
    };
    const lift = (container: Container): Promise<unknown> => {
      if (of === 'journey') return container.changeJourneys.stand(subject, 'published', 'operator');
      if (of === 'provider') return container.keepPauses.resume(container.database, subject, null);
      return container.stopSending.resumeEverything('operator', null);
    };
    this.outsideAt(from, () => {
      this.hit(`paused @ ${of}`);
      ask(set, isSet);
    });
    this.outsideAt(Math.max(to, from + 30_000), () => ask(lift, () => !isSet()));
  }

  /** Containers look every second or two at what is paused, whether rows ask for it or not: time does not leap while one has not heard. */
  private isAnybodyBehind(): boolean {
    const { now } = this.timeline;
    const paused = new Set(this.tables.standing.all().flatMap((one) => (one.standing === 'paused' ? [one.key] : [])));
    const going = [...new Set(this.tables.version.all().map(({ key }) => key))].filter((key) => !paused.has(key));
    const out = this.tables.pause.all().flatMap((one) => (one.reason === 'operator' ? [one.provider] : []));
    return this.running.some(({ process, container }) => {
      if (process.frozenUntil > now) return false;
      const known = container.keepPauses.known().flatMap((one) => (one.reason === 'operator' ? [one.provider] : []));
      return !isSame(container.catalogue.goingKeys(), going) || !isSame(known, out);
    });
  }

  /** The shop has been silent for so long that its runs are asked about. */
  private isSilent(now: number): boolean {
    const heardAt = this.tables.pulse.all().find(({ source }) => source === SHOP)?.heard_at;
    return heardAt !== undefined && this.scenario.quietFrom !== null && heardAt < now - QUIET_AFTER_MS && this.isAnyLive();
  }

  private isAnyLive(): boolean {
    return this.tables.run.all().some(({ ended_at }) => ended_at === null);
  }

  /** No row says when the runs of a silent source are asked about next. */
  private nextLookAtSilenceAfter(now: number): number {
    const { quietFrom } = this.scenario;
    const mayLook = quietFrom !== null && now > quietFrom && this.isAnyLive();
    return mayLook ? (Math.floor(now / MINUTE) + 1) * MINUTE : Number.POSITIVE_INFINITY;
  }

  private judgeSilence(runs: Parameters<Oracle['judgeSilence']>[2]): void {
    const heardAt = this.tables.pulse.all().find(({ source }) => source === SHOP)?.heard_at;
    if (heardAt === undefined || this.scenario.quietFrom === null) return;
    const since = Math.max(heardAt, this.storm.until);
    this.oracle.judgeSilence(since, QUIET_AFTER_MS, runs, (order) => {
      const turns = this.scenario.orders?.get(order) ?? [];
      const paid = turns.find((turn) => turn.state === 'paid' && turnAt(turns, turn.at) === turn);
      // What is given back meanwhile is no longer called paid.
      return paid && turnAt(turns, this.scenario.over)?.state === 'paid' ? paid.at : undefined;
    });
  }

  private nextLookAfter(now: number): number {
    const mustLook = this.isAnybodyBehind() || this.parked().length > 0;
    return mustLook ? (Math.floor(now / 1_000) + 1) * 1_000 : Number.POSITIVE_INFINITY;
  }

  /** Runs that stand still although their journey does not. */
  private parked(): { id: string; visit: string; journey: string }[] {
    const paused = new Set(this.tables.standing.all().flatMap((one) => (one.standing === 'paused' ? [one.key] : [])));
    return this.tables.run
      .all()
      .filter((one) => 'parked' in (JSON.parse(one.memory) as object) && one.ended_at === null && !paused.has(one.journey_key))
      .map((one) => ({ id: one.id, visit: visitIn(one.sealed), journey: one.journey_key }));
  }

  private answerFate(): AnswerFate {
    const fate = this.storm.answerFate(this.timeline.now);
    if (fate !== 'fine') this.hit(`answer_${fate} @ gateway`);
    return fate;
  }

  // Vendors.

  private callBegan(call: CallSeen): void {
    this.timeline.noteChange();
    const { now } = this.timeline;
    const message = this.tables.message.all().find(({ id }) => id === call.messageId);
    const { step, visit, wording } = call.said;
    const of: Message = { id: call.messageId, step, visit, runId: message?.run_id ?? '', lap: message?.lap ?? 0 };
    const isAwake = call.process.frozenUntil < now - 15_000;
    const by = { channel: call.channel, provider: call.provider, wording };
    this.calls.set(call.attemptId, this.oracle.callBegan(of, fenceOf(call.attemptId), by, isAwake, now));
  }

  private callFate(call: CallSeen): CallFate {
    const caller = this.running.find(({ process }) => process === call.process);
    const befalls = this.storm.callerFault(this.timeline.now, call.channel);
    if (caller && befalls !== 'none') {
      this.hit(`${befalls === 'crash_before' ? 'crash' : 'freeze'} @ call of ${call.channel}`);
      this.outsideAt(this.timeline.now + this.random.between(0, 60), () => {
        if (befalls === 'crash_before') this.kill(caller);
        else
          caller.process.frozenUntil = this.timeline.now + this.random.between(FROZEN_FOR[befalls].from, FROZEN_FOR[befalls].to);
      });
    }
    // A call that is made again is a slow one more often: the process that made the first may come back meanwhile.
    const fate = this.storm.callFate(this.timeline.now, call.channel, fenceOf(call.attemptId) > 1);
    const further = fate === 'fine' && this.scenario.hasFurther ? this.storm.furtherFate(call) : fate;
    if (further !== 'fine') this.hit(`${further} @ ${call.channel}`);
    if (further === 'no_picture' || further === 'no_template') this.oracle.refused(this.callOf(call), further);
    return further;
  }

  private callAccepted(call: CallSeen, vendorId: string): void {
    this.oracle.accepted(this.callOf(call), this.timeline.now);
    const vendor = ALL_VENDORS.find(({ name }) => name === call.provider);
    if (!vendor) return;
    const report = this.scenario.hasFurther ? drawReport(this.storm.further, call) : null;
    if (report) return this.report(call, vendorId, vendor.echoes, report);
    for (const { kind, after } of drawReceipts(this.random, call.channel)) {
      if (after < 5) this.hit(`receipt_first @ ${call.channel}`);
      this.outsideAt(this.timeline.now + after, () => {
        const receipt: ProviderReceipt = {
          kind,
          at: Math.floor(this.timeline.now),
          vendorId,
          ...(vendor.echoes ? { attemptId: call.attemptId } : this.random.chance(0.5) ? { phone: call.address } : {}),
          ...(kind === 'failed' ? { class: 'refused', scope: 'message', code: 'UNDELIVERABLE' } : {}),
        };
        this.tellReceipt(call, receipt, kind, 1);
      });
    }
  }

  /** It was taken, and then it failed in a way that is worth a further attempt. */
  private report(call: CallSeen, vendorId: string, echoes: boolean, { again, told }: Report): void {
    for (const { kind, after } of told)
      this.outsideAt(this.timeline.now + after, () => {
        const failure = { class: 'refused', scope: 'message', code: 'NOT_HANDED_OVER', again } as const;
        const receipt: ProviderReceipt = {
          kind,
          at: Math.floor(this.timeline.now),
          vendorId,
          ...(echoes ? { attemptId: call.attemptId } : this.storm.further.chance(0.5) ? { phone: call.address } : {}),
          ...(kind === 'failed' ? failure : {}),
        };
        if (kind === 'failed') {
          this.hit(`report_${again} @ ${call.channel}`);
          this.oracle.reported(this.callOf(call), again, this.timeline.now);
        }
        this.tellReceipt(call, receipt, kind === 'failed' ? 'report' : kind, 1);
      });
  }

  private tellReceipt(call: CallSeen, receipt: ProviderReceipt, kind: ReceiptKind | 'report', tries: number): void {
    const again = (): void => {
      if (tries < 8) this.outsideAt(this.timeline.now + 5_000 * tries, () => this.tellReceipt(call, receipt, kind, tries + 1));
    };
    const target = this.anyContainer();
    if (!target) return again();
    let isSettled = false;
    this.timeline.in(this.random.between(0.5, 5), target.process, 'receipt', () => {
      this.timeline.noteChange();
      void target.container.recordReceipts.record(call.provider, [receipt]).then(
        () => {
          isSettled = true;
          const { now } = this.timeline;
          if (kind === 'report') this.oracle.reportAcknowledged(this.callOf(call), now);
          else this.oracle.receiptAcknowledged(call.messageId, kind, now);
        },
        () => undefined,
      );
    });
    this.outsideAt(this.timeline.now + 10_000, () => {
      if (!isSettled) again();
    });
  }

  // What the database shows.

  private committed(changes: readonly Change[]): void {
    this.timeline.noteChange();
    const seq = this.server.commits;
    const at = this.timeline.now;
    // A receipt explains the state that it makes of its message, and a lap what is said in it.
    for (const { table, before, after } of changes) {
      if (table === 'receipt' && after?.message_id != null)
        this.oracle.receiptCommitted(after.message_id as string, after.kind as string, at);
      if (table === 'run' && before !== undefined && after !== undefined) this.runChanged(after as never, at);
    }
    for (const change of changes) this.observe(change, seq, at);
    if (at > this.lookedAt + MINUTE) this.look();
  }

  private observe({ table, before, after }: Change, seq: number, at: number): void {
    if (table === 'send_stop' && after === undefined) this.oracle.stopLifted(String(before?.scope), at);
    if (table === 'journey_standing') this.standingChanged(after as never, at);
    if (table === 'provider_pause') this.pauseChanged(before as never, after as never, at);
    if (after === undefined) return;
    if (table === 'attempt' && after.vendor_id !== null)
      this.oracle.vendorIdKnown(after.message_id as string, Number(after.fence));
    if (table === 'event') this.eventCommitted(after as never, seq, at);
    else if (table === 'consent_entry') this.consentCommitted(after as never, seq, at);
    else if (table === 'run' && before === undefined) this.runStarted(after as never, at);
    else if (table === 'message') this.messageChanged(before as never, after as never, seq, at);
    else if (table === 'send_stop' && before === undefined) this.oracle.stopCommitted(String(after.scope), at);
  }

  private standingChanged({ key, standing }: { key: string; standing: string }, at: number): void {
    if (standing === 'paused') this.oracle.stopCommitted(key, at);
    else this.oracle.stopLifted(key, at);
  }

  private pauseChanged(before: PauseSeen | undefined, after: PauseSeen | undefined, at: number): void {
    if (before?.reason === 'operator' && after?.reason !== 'operator') this.oracle.stopLifted(before.provider, at);
    if (after?.reason === 'operator' && before?.reason !== 'operator') this.oracle.stopCommitted(after.provider, at);
  }

  private eventCommitted(
    event: { source: string; source_event_id: string; id: string; occurred_at: number; name: string },
    seq: number,
    at: number,
  ): void {
    if (event.source.startsWith(GATEWAY)) return this.wordCommitted(event, seq, at);
    const told = this.told.get(event.source_event_id);
    if (!told) return;
    this.oracle.eventCommitted(told.id);
    const { meaning } = told;
    const said = { eventId: told.id, occurredAt: event.occurred_at, at };
    if (meaning.kind === 'trigger') this.oracle.triggerCommitted(meaning.visit, { ...said, isUncertain: meaning.isUncertain });
    if (meaning.kind === 'confirmation') this.oracle.confirmationCommitted(meaning.visit, event.occurred_at, at);
    if (meaning.kind === 'word') this.oracle.told({ ...meaning, seenAt: event.occurred_at, at });
    if (meaning.kind === 'goal' || meaning.kind === 'exit')
      this.oracle.endingCommitted({
        kind: meaning.kind,
        matter: meaning.matter,
        eventId: told.id,
        occurredAt: event.occurred_at,
        seq,
        at,
      });
  }

  /** What a gateway answered is written down as its webhook would have been. */
  private wordCommitted(
    { source_event_id: eventId, occurred_at: occurredAt, name }: { source_event_id: string; occurred_at: number; name: string },
    seq: number,
    at: number,
  ): void {
    this.hit(`learnt @ ${name}`);
    const kind = ({ 'Payment Captured': 'goal', 'Order Cancelled': 'exit' } as const)[name];
    const matter = eventId.split(':')[1] ?? '';
    if (kind === undefined) return;
    this.oracle.endingCommitted({ kind, matter, eventId, occurredAt, seq, at });
    this.oracle.endingAcknowledged(eventId, at);
  }

  private consentCommitted(entry: { person_id: string; channel: string; state: string }, seq: number, at: number): void {
    const person = this.personOf(entry.person_id);
    this.oracle.consentCommitted(person, entry.channel, entry.state === 'withdrawn', seq, at);
  }

  private runStarted(run: { id: string; arm: string; started_at: number; sealed: Buffer; trigger_id: string }, at: number): void {
    const trigger = this.tables.event.all().find(({ id }) => id === run.trigger_id)?.source_event_id ?? '';
    this.oracle.runStarted(run.id, visitIn(run.sealed), run.arm, run.started_at, at, trigger);
  }

  private runChanged(run: { id: string; lap: number; started_at: number; sealed: Buffer }, at: number): void {
    this.oracle.lapChanged(run.id, visitIn(run.sealed), run.lap, run.started_at, at);
  }

  private messageChanged(before: MessageSeen | undefined, after: MessageSeen, seq: number, at: number): void {
    const said = readContent(contentIn(openSeals, { content: null, sealed: after.sealed }));
    if (!said) return;
    const message = { id: after.id, step: said.step, visit: said.visit, runId: after.run_id, lap: after.lap };
    this.oracle.messageChanged(
      message,
      before && { state: before.state, fence: before.fence },
      {
        state: after.state,
        fence: after.fence,
        reason: after.reason,
        person: this.personOf(after.person_id),
        channel: after.channel,
      },
      seq,
      at,
    );
  }

  /** Whose id a person has become: by the address they have. */
  private personOf(personId: string): string {
    const known = this.people.get(personId);
    if (known !== undefined) return known;
    const address = this.tables.address.all().find((one) => one.person_id === personId);
    const person = address && this.scenario.personByAddress.get(address.sealed.toString());
    if (person === undefined) return personId;
    this.people.set(personId, person);
    return person;
  }

  /** A container whose clock is off sees a vendor's hold end that much sooner or later. */
  private nextEndOfAHoldAfter(now: number): number {
    const ends = this.tables.pause
      .all()
      .flatMap(({ until }) => (until === null ? [] : this.running.map(({ process }) => until - process.clockIsOff)));
    return Math.min(...ends.filter((end) => end > now));
  }

  private look(): void {
    const { now } = this.timeline;
    this.lookedAt = now;
    const isServed = this.running.some(
      ({ startedAt, process }) => startedAt < now - 2 * MINUTE && process.frozenUntil < now - MINUTE,
    );
    const held = this.tables.pause.all().some(({ until }) => until !== null && until > now - MINUTE);
    this.oracle.judgeWaiting(now, () => !isServed || held);
    if (isServed) this.oracle.judgeParked(now, this.parked());
  }
  private lookedAt = 0;

  private finalRows() {
    const { run, decision, message, refusal, outbox, event } = this.tables;
    const matterOf = (sealed: Buffer): string => {
      const { keys } = factsIn(sealed);
      return keys.order ?? keys.cart ?? '';
    };
    return {
      runs: run.all().map((one) => ({
        id: one.id,
        journey: one.journey_key,
        matter: matterOf(one.sealed),
        visit: visitIn(one.sealed),
        arm: one.arm,
        dueAt: one.due_at,
        startedAt: one.started_at,
        endedAt: one.ended_at,
        endReason: one.end_reason,
      })),
      decisions: decision.all().map((one) => ({
        runId: one.run_id,
        at: one.at,
        kind: one.kind,
        step: one.step,
        reason: one.reason,
        eventId: eventIn(one.detail),
      })),
      messages: message
        .all()
        .map((one) => ({ id: one.id, runId: one.run_id, lap: one.lap, step: one.step, state: one.state, reason: one.reason })),
      refusals: refusal.all().map((one) => ({ eventId: one.event_id })),
      packets: outbox.all().map((one) => ({ handler: one.handler, isParked: one.parked_at !== null, error: one.last_error })),
      events: event.all().map((one) => ({ id: one.id, sourceEventId: one.source_event_id ?? '' })),
    };
  }

  private countStates(): void {
    const count = (name: string): void => void this.states.set(name, (this.states.get(name) ?? 0) + 1);
    for (const one of this.tables.message.all()) count(`message ${one.state}${one.reason === null ? '' : ` (${one.reason})`}`);
    for (const one of this.tables.run.all()) count(`run ${one.arm} ${one.end_reason ?? 'live'}`);
    for (const one of this.tables.run.all()) if (one.lap > 1) count(`run in lap ${one.lap}`);
    for (const one of this.tables.decision.all())
      if (one.kind === 'hold' || one.kind === 'park' || one.kind === 'expire') count(`step ${one.kind} (${one.reason})`);
    for (const one of this.tables.refusal.all()) count(`refusal ${one.reason}`);
  }

  // Faults.

  private planDisasters(): void {
    for (const { at, what } of this.storm.disasters()) {
      this.outsideAt(at, () => {
        if (what === 'flush') {
          this.hit('redis_flush @ queue');
          this.queue.flush();
          return;
        }
        const victim = this.anyContainer();
        if (!victim) return;
        this.hit(`${what} @ anywhere`);
        if (what === 'crash') this.kill(victim);
        else victim.process.frozenUntil = this.timeline.now + this.random.between(1_000, 45_000);
      });
    }
  }

  private jobFate(): JobFate {
    const fate = this.storm.jobFate(this.timeline.now);
    if (fate !== 'arrives') this.hit(`job_${fate} @ queue`);
    return fate;
  }

  private anyContainer(): Running | undefined {
    return this.running.length === 0 ? undefined : this.random.pick(this.running);
  }

  private publishJourneys(): void {
    for (const definition of this.scenario.journeys) {
      this.tables.version.rows.add({
        table: this.tables.version,
        committed: {
          key: definition.key,
          version: 1,
          definition: JSON.stringify(definition),
          content_hash: '',
          published_at: this.timeline.now,
        },
        next: undefined,
        owner: undefined,
      });
    }
  }

  private callOf(call: CallSeen): ReturnType<Oracle['callBegan']> {
    return this.calls.get(call.attemptId) as ReturnType<Oracle['callBegan']>;
  }

  private outsideAt(at: number, work: () => void): void {
    this.timeline.at(at, this.outside, 'outside', work);
  }

  private hit(name: string): void {
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1);
    this.timeline.note(name);
  }

  private noteTrouble(fact: string, error: unknown): void {
    // A look that failed has seen nothing: whoever made it looks again.
    this.timeline.noteChange();
    if (this.trouble.length < 50) this.trouble.push(`${fact}: ${(error as Error | undefined)?.message ?? ''}`);
    const { message = '' } = (error ?? {}) as Error;
    if (/has no twin|is not a function|Cannot read|Cannot destructure|is no array|is not iterable/.test(message))
      this.oracle.violations.push(`BUG: ${fact}: ${(error as Error).stack}`);
  }
}

interface MessageSeen {
  readonly id: string;
  readonly run_id: string;
  readonly lap: number;
  readonly person_id: string;
  readonly channel: string;
  readonly state: string;
  readonly fence: number;
  readonly reason: string | null;
  readonly sealed: Buffer | null;
}

interface PauseSeen {
  readonly provider: string;
  readonly reason: string;
}

/** What a webhook of the shop tells; consents come another way. */
const isOfWebhook = ({ meaning }: Told): boolean => meaning.kind !== 'consent';
const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));
const fenceOf = (attemptId: string): number => Number(attemptId.split('.')[1]);
const NO_STOPS = { keys: [], since: 0 as Instant, stops: {} };
const factsIn = (sealed: Buffer) => secretIn(openSeals, { facts: null, stops: NO_STOPS, sealed }).facts;
const visitIn = (sealed: Buffer): string => (factsIn(sealed).properties as { visit?: string }).visit ?? '';
const eventIn = (detail: string | null): string | null =>
  ((detail === null ? {} : JSON.parse(detail)) as { eventId?: string }).eventId ?? null;

/** Where a process must not die, and therefore does. */
const CRITICAL: ReadonlySet<string> = new Set([
  'claim_candidates',
  'lock_messages_for_claim',
  'marks_of_keys',
  'start_calls',
  'end_calls',
  'insert_events',
  'insert_messages',
  'insert_runs',
]);

/** How long a process stands still in the middle of its call; past its lease: while another makes the call again, thirty seconds later. */
const FROZEN_FOR = { freeze: { from: 25_000, to: 45_000 }, freeze_past_lease: { from: 30_050, to: 38_000 } };

/** How rough a seed is, and what befalls what. Some seeds are calm: then only chance decides who is first. */
class Storm {
  readonly until: number;
  private readonly rate: number;
  private readonly vendorRate: number;
  private readonly queueRate: number;
  private readonly gatewayRate: number;
  /** Drawn aside, so that worlds without any of it stay what they were. */
  private readonly aside: Random;
  /** Of what is worth a further attempt. */
  readonly further: Random;

  constructor(
    private readonly random: Random,
    private readonly start: number,
    over: number,
  ) {
    this.until = start + (over - start) * random.between(0.2, 0.75);
    this.rate = random.chance(0.25) ? 0 : random.between(0.0005, 0.006);
    this.vendorRate = random.chance(0.2) ? 0 : random.between(0.05, 0.6);
    this.queueRate = random.chance(0.3) ? 0 : random.between(0.02, 0.4);
    this.gatewayRate = random.chance(0.4) ? 0 : random.between(0.05, 0.9);
    this.aside = new Random(Math.floor(start * 983) % 2 ** 31);
    this.further = new Random(Math.floor(start * 967) % 2 ** 31);
  }

  clockError(): number {
    return this.rate > 0 && this.random.chance(0.3) ? this.random.whole(-90_000, 90_000) : 0;
  }

  statementFault(now: number, name: string): 'none' | 'crash_before' | 'crash_after' | 'lost_before' | 'lost_after' | 'freeze' {
    const rate = CRITICAL.has(name) ? this.rate * 5 : this.rate;
    if (now > this.until || now < this.start || !this.random.chance(rate)) return 'none';
    return this.random.weighed({ crash_before: 2, crash_after: 2, lost_before: 2, lost_after: 3, freeze: 2 });
  }

  jobFate(now: number): JobFate {
    if (now > this.until || !this.random.chance(this.queueRate)) return 'arrives';
    return this.random.weighed({ arrives: 0, lost: 3, twice: 3, overtaken: 2, refused: 1 });
  }

  callFate(now: number, channel: string, isRepeated: boolean): CallFate {
    if (now <= this.until && isRepeated && this.random.chance(0.5)) return 'slow';
    if (now > this.until || !this.random.chance(this.vendorRate)) return 'fine';
    return this.random.weighed({
      fine: 0,
      slow: 5,
      accept_then_reset: 3,
      timeout_accepted: 2,
      timeout_lost: 2,
      error_accepted: 1,
      error_lost: 1,
      throttled: 2,
      unreachable: 3,
      bad_address: channel === 'push' ? 2 : 1,
      refused: 2,
    });
  }

  furtherFate({ channel, said }: CallSeen): CallFate {
    if (channel !== 'whatsapp' || !this.further.chance(0.3)) return 'fine';
    return said.hasPicture && this.further.chance(0.7) ? 'no_picture' : 'no_template';
  }

  answerFate(now: number): AnswerFate {
    if (now > this.until || !this.random.chance(this.gatewayRate)) return 'fine';
    return this.random.weighed({ fine: 0, slow: 4, timed_out: 3, unreachable: 3, throttled: 2, unreadable: 1, not_found: 1 });
  }

  /** What befalls the process that makes a call. */
  callerFault(now: number, channel: string): 'none' | 'crash_before' | keyof typeof FROZEN_FOR {
    if (now > this.until || this.rate === 0) return 'none';
    if (RULES.resendable.has(channel) && this.aside.chance(0.1)) return 'freeze_past_lease';
    if (!this.random.chance(0.12)) return 'none';
    return this.random.pick(['crash_before', 'freeze'] as const);
  }

  disasters(): { at: number; what: 'flush' | 'crash' | 'freeze' }[] {
    if (this.rate === 0) return [];
    return Array.from({ length: this.random.whole(0, 4) }, () => ({
      at: this.random.between(this.start, this.until),
      what: this.random.pick(['flush', 'crash', 'freeze'] as const),
    }));
  }
}

/** Tells the timeline which timers are the rests of loops that look for due rows. */
function markPolls(timeline: Timeline): void {
  const loop = DueLoop.prototype as unknown as { rest: Rest; plainRest?: Rest };
  const plain = (loop.plainRest ??= loop.rest);
  loop.rest = function (ms) {
    return timeline.asPoll(() => plain.call(this, ms));
  };
}
type Rest = (this: unknown, ms: number) => Promise<void>;

/** Ids are time and chance; here the chance is the seed's. Gives the machine its own chance back. */
function seedTheIds(random: Random): () => void {
  const machine = crypto as unknown as { randomFillSync: (bytes: Buffer) => Buffer };
  const before = machine.randomFillSync;
  let isFilled = false;
  machine.randomFillSync = (bytes) => {
    isFilled = true;
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(Math.floor(random.next() * 2 ** 32), at);
    return bytes;
  };
  // What the pool of random bytes still holds is from before.
  while (!isFilled) newId();
  return () => {
    machine.randomFillSync = before;
  };
}
