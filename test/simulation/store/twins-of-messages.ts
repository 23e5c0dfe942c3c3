import { type Execution, type Row, type Twin } from './postgres';
import { type Tables } from './tables';
import {
  byNumber,
  byText,
  dateOrNull,
  type Element,
  interval,
  intOrNull,
  json,
  jsonText,
  list,
  moment,
  rowsOf,
  text,
  textOrNull,
} from './values';

const LEASE_MS = 30_000;
const OFFER_AGAIN_MS = 30_000;
const DAY = 24 * 3_600_000;
const WAITING: ReadonlySet<string> = new Set(['planned', 'retryable']);
const TAKEN: ReadonlySet<string> = new Set(['calling', 'sent', 'unknown']);

/** Twins of `src/channels/store`. */
export function twinsOfMessages(tables: Tables): Record<string, Twin> {
  const { message, attempt, earlier, receipt, pause, stop, breaker, spendDay } = tables;
  type Message = ReturnType<typeof message.all>[number];
  type Locked = { row: Row<Message>; values: Message };

  const isWaiting = (one: Message): boolean => WAITING.has(one.state);
  /** What waits is given up; for what is on the wire no further call is made. */
  const callOff = (one: Message, reason: string): Partial<Message> => ({
    ...(isWaiting(one) ? { state: surely(one, 'skipped'), reason } : {}),
    called_off: reason,
    offer_at: null,
  });
  /** Only whoever holds the current fence may speak of an open call. */
  const openCall =
    (id: Element | undefined, fence: Element | undefined) =>
    (one: Message): boolean =>
      one.id === id && one.state === 'calling' && one.fence === Number(fence);
  /** What a provider may have taken is not surely unsent because no further call is made for it. */
  const surely = (one: Message, state: string): string =>
    one.maybe_sent && (state === 'expired' || state === 'rejected' || state === 'skipped') ? 'unknown' : state;
  const mayBeClaimed = (one: Message): boolean => WAITING.has(one.state);
  const sentAs = (one: Message): string | null => {
    const claims = (json(one.claims) as { sentAs?: string }[] | null) ?? [];
    const { purpose } = (json(one.guard) as { purpose?: string } | null) ?? {};
    return claims.at(-1)?.sentAs ?? (one.channel === 'whatsapp' && purpose === 'marketing' ? purpose : null);
  };
  const changed = (one: Message) => ({
    id: one.id,
    runId: one.run_id,
    lap: one.lap,
    step: one.step,
    channel: one.channel,
    provider: one.provider,
    state: one.state,
    reason: one.reason,
    calledAt: dateOrNull(one.called_at),
    parts: one.parts,
    country: one.country,
    sentAs: sentAs(one),
  });
  /** With what one more claim was judged by. */
  const claimed = (one: Message, record: Element | undefined): string | null =>
    record == null ? one.claims : JSON.stringify([...((json(one.claims) as unknown[] | null) ?? []), json(text(record))]);
  const among = (run: Execution, ids: unknown, where: (one: Message) => boolean = () => true): Locked[] => {
    const wanted = new Set(list(ids));
    return run.find(message, (one) => wanted.has(one.id) && where(one)).sort(byText(({ values }) => values.id));
  };
  const isOfJourney = (scope: string, one: Message): boolean => scope === 'all' || scope === `journey:${one.journey_key}`;

  /** Whoever was asked once more has refused it. */
  const isSurelyUntaken = (run: Execution, one: Message): boolean =>
    !TAKEN.has(one.state) &&
    !one.maybe_sent &&
    run.values(attempt, (call) => call.message_id === one.id && call.fence === one.fence && call.outcome === 'accepted')
      .length === 0;

  function* startCalls(run: Execution, [ids, addressKeys, calledAt, records, prices, currencies, countries]: readonly unknown[]) {
    for (const [id, addressKey, record, price, currency, country] of rowsOf([
      ids,
      addressKeys,
      records,
      prices,
      currencies,
      countries,
    ])) {
      yield* run.updateAll(
        run.find(message, (one) => one.id === id),
        () => true,
        (one) => ({
          state: 'calling',
          reason: null,
          fence: one.fence + 1,
          address_key: textOrNull(addressKey),
          called_at: moment(calledAt as Element),
          lease_until: run.now + LEASE_MS,
          not_before: null,
          offer_at: null,
          held_by: null,
          claims: claimed(one, record),
          price_milli: intOrNull(price),
          price_currency: textOrNull(currency),
          country: textOrNull(country),
          spent: true,
        }),
      );
    }
    return [];
  }

  function* calledOff(run: Execution, reasonOf: (one: Message) => string, isMeant: (one: Message) => boolean) {
    const before = new Map<string, string>();
    const mayGoOn = (one: Message): boolean =>
      isMeant(one) &&
      (isWaiting(one) ||
        one.state === 'calling' ||
        ((one.state === 'sent' || one.state === 'unknown') && one.not_after > run.now));
    const open = run.find(message, mayGoOn).sort(byText(({ values }) => values.id));
    const called = yield* run.updateAll(open, mayGoOn, (one) => {
      before.set(one.id, one.state);
      return callOff(one, reasonOf(one));
    });
    return called.filter(({ id }) => before.get(id) !== 'sent' && before.get(id) !== 'unknown').map(changed);
  }

  return {
    *insert_messages(run, parameters) {
      const fresh: { id: string }[] = [];
      for (const row of rowsOf(parameters)) {
        const [id, runId, lap, step, journeyKey, personId, channel, provider, sealed, guard, test, state] = row;
        const inserted = yield* run.insert(
          message,
          {
            id: text(id),
            run_id: text(runId),
            lap: Number(lap),
            step: text(step),
            journey_key: text(journeyKey),
            person_id: text(personId),
            channel: text(channel),
            provider: textOrNull(provider),
            content: null,
            sealed: sealed as Buffer | null,
            guard: jsonText(guard),
            test: test === true,
            state: text(state),
            reason: textOrNull(row[12]),
            due_at: moment(row[13]) as number,
            not_after: moment(row[14]) as number,
            caps: textOrNull(row[15]),
            created_at: run.now,
            called_at: null,
            fence: 0,
            tried: null,
            maybe_sent: false,
            called_off: null,
            parts: intOrNull(row[16]),
            locale: textOrNull(row[17]),
            template: textOrNull(row[18]),
            claims: null,
            price_milli: null,
            price_currency: null,
            country: null,
            spent: false,
            variant: 0,
            had_once_more: false,
            reopened: null,
            address_key: null,
            vendor_id: null,
            lease_until: null,
            not_before: null,
            held_by: null,
            offer_at: state === 'planned' ? run.now + OFFER_AGAIN_MS : null,
          },
          'do nothing',
        );
        if (inserted) fresh.push({ id: text(id) });
      }
      return fresh;
    },

    *claim_candidates(run, [ids]) {
      const stops = run.values(stop, () => true);
      return among(run, ids, isWaiting)
        .map(({ values }) => values)
        .filter((one) => one.not_before === null || one.not_before <= run.now)
        .filter((one) => !stops.some(({ scope }) => isOfJourney(scope, one)))
        .map((one) => ({ id: one.id, personId: one.person_id, guard: json(one.guard) }));
    },

    *lock_messages_for_claim(run, [ids, provider]) {
      const isOfLane = (one: Message): boolean => provider == null || one.provider === provider;
      const free = among(run, ids, (one) => mayBeClaimed(one) && isOfLane(one)).filter(({ row }) => run.isFree(row));
      for (const { row } of free) run.own(row);
      return free.map(({ values: one }) => ({
        id: one.id,
        runId: one.run_id,
        personId: one.person_id,
        caps: json(one.caps),
        channel: one.channel,
        content: json(one.content),
        sealed: one.sealed,
        test: one.test,
        notAfter: new Date(one.not_after),
        fence: one.fence,
        tried: one.tried,
        maybeSent: one.maybe_sent,
        parts: one.parts,
        calledOff: one.called_off,
        variant: one.variant,
        hadOnceMore: one.had_once_more,
      }));
    },

    *messages_taken(run, [people]) {
      const wanted = new Set(list(people));
      return run
        .values(
          message,
          (one) =>
            wanted.has(one.person_id) &&
            ((TAKEN.has(one.state) && one.called_at !== null && one.called_at > run.now - 30 * DAY) ||
              (one.state === 'retryable' && one.maybe_sent)),
        )
        .map((one) => ({
          personId: one.person_id,
          messageId: one.id,
          runId: one.run_id,
          marketing: (json(one.caps) as { marketing?: boolean } | null)?.marketing ?? false,
          calledAt: dateOrNull(one.called_at),
        }));
    },

    *start_paid_calls(run, [ids, addressKeys, calledAt, records, prices, currencies, countries, day, scopes, sums]) {
      for (const [scope, sum] of rowsOf([scopes, sums])) {
        const isMeant = (one: { day: string; scope: string }): boolean => one.day === day && one.scope === scope;
        yield* run.updateAll(run.find(spendDay, isMeant), isMeant, (one) => ({ milli: one.milli + Number(sum) }));
      }
      return yield* startCalls(run, [ids, addressKeys, calledAt, records, prices, currencies, countries]);
    },

    start_calls: startCalls,

    *give_up_messages(run, parameters) {
      const given: Message[] = [];
      for (const [id, state, reason, record] of rowsOf(parameters)) {
        given.push(
          ...(yield* run.updateAll(
            run.find(message, (one) => one.id === id),
            () => true,
            (one) => ({
              state: surely(one, text(state)),
              reason: textOrNull(reason),
              offer_at: null,
              not_before: null,
              claims: claimed(one, record),
            }),
          )),
        );
      }
      return given.map(changed);
    },

    *end_calls(run, parameters) {
      const ended: Message[] = [];
      for (const [id, fence, state, reason, vendorId, retryIn, moveTo, maybeSent] of rowsOf(parameters)) {
        const isOpenCall = openCall(id, fence);
        const again = interval(retryIn);
        ended.push(
          ...(yield* run.updateAll(run.find(message, isOpenCall), isOpenCall, (one) => ({
            state: text(state),
            reason: textOrNull(reason),
            vendor_id: textOrNull(vendorId) ?? one.vendor_id,
            lease_until: null,
            not_before: again === null ? null : run.now + again,
            offer_at: again === null ? null : run.now + again,
            maybe_sent: one.maybe_sent || maybeSent === true,
            provider: textOrNull(moveTo) ?? one.provider,
            tried: moveTo == null ? one.tried : [...(one.tried ?? []), one.provider ?? ''],
          }))),
        );
      }
      return ended.map(changed);
    },

    *add_attempts(run, parameters) {
      for (const [id, fence, part, provider, addressKey, , , outcome, , , , vendorId] of rowsOf(parameters))
        yield* run.insert(
          attempt,
          {
            message_id: text(id),
            fence: Number(fence),
            part: Number(part),
            provider: text(provider),
            address_key: textOrNull(addressKey),
            outcome: text(outcome),
            vendor_id: textOrNull(vendorId),
          },
          'do nothing',
        );
      return [];
    },

    *turn_messages(run, parameters) {
      for (const [id, variant, template, locale] of rowsOf(parameters))
        yield* run.updateAll(
          run.find(message, (one) => one.id === id),
          () => true,
          (one) => ({ variant: Number(variant), template: textOrNull(template), locale: textOrNull(locale) ?? one.locale }),
        );
      return [];
    },

    *messages_had_once_more(run, [ids]) {
      yield* run.updateAll(
        among(run, ids),
        () => true,
        () => ({ had_once_more: true }),
      );
      return [];
    },

    *messages_to_reopen(run, [ids]) {
      return among(
        run,
        ids,
        (one) => ['calling', 'sent', 'unknown'].includes(one.state) && one.called_off === null && one.provider !== null,
      ).map(({ values: one }) => ({
        id: one.id,
        fence: one.fence,
        provider: one.provider,
        channel: one.channel,
        purpose: (json(one.guard) as { purpose?: string }).purpose ?? 'service',
        content: json(one.content),
        sealed: one.sealed,
        variant: one.variant,
        notAfter: new Date(one.not_after),
        tried: one.tried ?? [],
        maybeSent: one.maybe_sent,
        hadOnceMore: one.had_once_more,
      }));
    },

    *reopen_messages(run, parameters) {
      const reopened: Message[] = [];
      const charged = new Set(list(parameters[4]));
      for (const [id, reason, retryIn, moveTo] of rowsOf(parameters.slice(0, 4))) {
        for (const { values: one } of run.find(message, (found) => found.id === id)) {
          yield* run.insert(
            earlier,
            {
              message_id: one.id,
              fence: one.fence,
              attempt: one.reopened ?? 0,
              provider: one.provider as string,
              channel: one.channel,
              called_at: one.called_at as number,
              price_milli: one.spent && charged.has(one.channel) ? one.price_milli : null,
              due_milli: one.spent && !charged.has(one.channel) ? one.price_milli : null,
              price_currency: one.price_currency,
            },
            'do nothing',
          );
        }
        const again = run.now + (interval(retryIn) ?? 0);
        reopened.push(
          ...(yield* run.updateAll(
            run.find(message, (one) => one.id === id),
            () => true,
            (one) => ({
              state: 'retryable',
              reason: textOrNull(reason),
              reopened: one.fence,
              lease_until: null,
              not_before: again,
              offer_at: again,
              vendor_id: null,
              spent: one.spent && !charged.has(one.channel),
              provider: textOrNull(moveTo) ?? one.provider,
              tried: moveTo == null ? one.tried : [...(one.tried ?? []), one.provider ?? ''],
            }),
          )),
        );
      }
      return reopened.map(changed);
    },

    *calls_overtaken_by_arrival(run, parameters) {
      const overtaken: { id: string }[] = [];
      const hasArrived = ({ message_id, attempt: of, provider }: ReturnType<typeof earlier.all>[number]): boolean =>
        run.values(
          receipt,
          (told) =>
            told.message_id === message_id &&
            told.attempt === of &&
            told.provider === provider &&
            (told.kind === 'delivered' || told.kind === 'read'),
        ).length > 0;
      for (const [id, fence] of rowsOf(parameters).sort(byText(([id]) => text(id)))) {
        const isMeant = (one: Message): boolean =>
          one.id === id && one.fence === Number(fence) && one.state === 'sent' && !one.maybe_sent;
        for (const { row, values } of run.find(message, isMeant)) {
          if (values.reopened === null) continue;
          if (!run.values(earlier, (one) => one.message_id === values.id).some(hasArrived)) continue;
          if ((yield* run.lock(row, isMeant)) !== undefined) overtaken.push({ id: values.id });
        }
      }
      return overtaken;
    },

    *calls_taken_after_all(run, [messageId, fence, provider]) {
      const [locked] = run.find(message, (one) => one.id === messageId && one.provider !== provider);
      const [call] = run.values(
        attempt,
        (one) => one.message_id === messageId && one.fence === Number(fence) && one.part === 0 && one.provider === provider,
      );
      if (locked === undefined || call === undefined) return [];
      const { row, values: one } = locked;
      const before = run.values(earlier, (kept) => kept.message_id === one.id);
      const since = Math.max(0, ...before.filter((kept) => kept.fence < call.fence).map((kept) => kept.fence));
      const wasTaken = run.values(attempt, (other) => {
        const isBetween = other.fence > since && other.fence < call.fence;
        return other.message_id === one.id && isBetween && other.outcome === 'accepted';
      });
      if (before.some((kept) => kept.fence === call.fence) || wasTaken.length > 0) return [];
      const next = run.find(earlier, (kept) => kept.message_id === one.id && kept.attempt === since);
      const nextProvider = next[0]?.values.provider ?? one.provider;
      const started = ((json(one.claims) as { at: number; said?: string }[] | null) ?? []).filter(
        ({ said }) => said === undefined,
      );
      yield* run.insert(earlier, {
        message_id: one.id,
        fence: call.fence,
        attempt: since,
        provider: call.provider,
        channel: one.channel,
        called_at: (started[call.fence - 1] as { at: number }).at,
        price_milli: null,
        due_milli: one.fence === call.fence ? one.price_milli : null,
        price_currency: one.price_currency,
      });
      const always = (): boolean => true;
      const isToldOf = (told: ReturnType<typeof receipt.all>[number]): boolean =>
        told.message_id === one.id && told.attempt === since && told.provider === nextProvider;
      yield* run.updateAll(run.find(receipt, isToldOf), always, () => ({ attempt: call.fence }));
      yield* run.updateAll(next, always, () => ({ attempt: call.fence }));
      if ((one.reopened ?? 0) === since) yield* run.updateAll([{ row }], always, () => ({ reopened: call.fence }));
      return [{ id: one.id }];
    },

    *take_back_reopening(run, [ids]) {
      const taken: Message[] = [];
      for (const { row, values: one } of among(run, ids)) {
        for (const last of run.find(earlier, (before) => before.message_id === one.id && before.fence === one.reopened)) {
          if ((yield* run.lock(last.row, () => true)) === undefined) continue;
          run.delete(last.row);
          const { attempt: of, provider, called_at, price_milli, due_milli, price_currency } = last.values;
          taken.push(
            ...(yield* run.updateAll(
              [{ row }],
              () => true,
              (now) => ({
                provider,
                called_at,
                price_milli: price_milli ?? due_milli ?? now.price_milli,
                price_currency: price_currency ?? now.price_currency,
                reopened: of === 0 ? null : of,
                tried: now.tried && now.tried.filter((tried) => tried !== provider),
                spent: now.spent || price_milli !== null,
              }),
            )),
          );
        }
      }
      return taken.map(({ id }) => ({ id }));
    },

    *give_back_messages(run, parameters) {
      for (const [id, fence] of rowsOf(parameters)) {
        const isOpenCall = openCall(id, fence);
        yield* run.updateAll(run.find(message, isOpenCall), isOpenCall, (one) => ({
          state: one.maybe_sent ? 'retryable' : 'planned',
          lease_until: null,
          called_at: one.maybe_sent ? one.called_at : null,
          offer_at: run.now,
        }));
      }
      return [];
    },

    *messages_before_status_check(run, [ids]) {
      return among(run, ids, (one) => isWaiting(one) && !one.test)
        .map(({ values }) => values)
        .filter((one) => one.not_before === null || one.not_before <= run.now)
        .map((one) => ({
          id: one.id,
          guard: json(one.guard),
          sealed: one.sealed,
          dueAt: new Date(one.due_at),
          notAfter: new Date(one.not_after),
        }));
    },

    *hold_messages_back(run, parameters) {
      for (const [id, wait] of rowsOf(parameters)) {
        const isMeant = (one: Message): boolean => one.id === id && isWaiting(one);
        const until = run.now + (interval(wait) ?? 0);
        yield* run.updateAll(run.find(message, isMeant), isMeant, () => ({ not_before: until, offer_at: until }));
      }
      return [];
    },

    *hold_messages_for_rails(run, parameters) {
      for (const [id, reason, rails, record] of rowsOf(parameters))
        yield* run.updateAll(
          run.find(message, (one) => one.id === id),
          () => true,
          (one) => ({
            reason: text(reason),
            held_by: json(text(rails)) as string[],
            offer_at: null,
            not_before: null,
            claims: claimed(one, record),
          }),
        );
      return [];
    },

    *let_held_messages_go(run, [down, limit]) {
      const holds = new Set(list(down));
      const free = run
        .find(message, (one) => isWaiting(one) && one.held_by !== null && !one.held_by.some((rail) => holds.has(rail)))
        .sort(byNumber(({ values }) => values.due_at))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return free.map(({ row, values }) => {
        run.update(row, { reason: null, held_by: null, offer_at: run.now });
        return { id: values.id };
      });
    },

    *take_offers(run, [limit, providers]) {
      const open = new Set(list(providers));
      const waiting = run
        .find(message, (one) => isWaiting(one) && one.offer_at !== null && one.offer_at <= run.now && open.has(one.provider))
        .sort(byNumber(({ values }) => values.offer_at as number))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return waiting.map(({ row, values }) => {
        run.update(row, { offer_at: run.now + OFFER_AGAIN_MS });
        return { id: values.id, provider: values.provider };
      });
    },

    *expire_leases(run, [limit, resendable]) {
      const again = new Set(list(resendable));
      const dead = run
        .find(message, (one) => one.state === 'calling' && one.lease_until !== null && one.lease_until < run.now)
        .sort(byNumber(({ values }) => values.lease_until as number))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return dead.map(({ row, values }) => {
        const mayResend = again.has(values.provider);
        const after = run.update(row, {
          lease_until: null,
          state: mayResend ? 'retryable' : 'unknown',
          reason: 'process_died',
          maybe_sent: true,
          offer_at: mayResend ? run.now : null,
        });
        return { ...changed(after), fence: after.fence, addressKey: after.address_key };
      });
    },

    *expire_late_messages(run, [limit]) {
      const late = run
        .find(message, (one) => isWaiting(one) && one.not_after < run.now)
        .sort(byText(({ values }) => values.id))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return late.map(({ row, values }) =>
        changed(run.update(row, { state: surely(values, 'expired'), reason: 'too_late', offer_at: null, not_before: null })),
      );
    },

    *let_messages_go(run, [ids, provider]) {
      yield* run.updateAll(
        among(run, ids, (one) => one.provider === provider && isWaiting(one)),
        (one) => one.provider === provider && isWaiting(one),
        (one) => ({ offer_at: Math.max(run.now, one.not_before ?? 0) }),
      );
      return [];
    },

    *move_waiting_messages(run, [from, to, limit]) {
      const waiting = run
        .find(message, (one) => isWaiting(one) && one.provider === from && !one.maybe_sent && !one.tried?.includes(text(to)))
        .sort(byNumber(({ values }) => values.offer_at ?? Number.POSITIVE_INFINITY))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return waiting.map(({ row, values }) => {
        run.update(row, { provider: text(to), offer_at: Math.max(run.now, values.not_before ?? 0) });
        return { id: values.id };
      });
    },

    *move_messages_to_providers(run, parameters) {
      for (const [id, provider] of rowsOf(parameters))
        yield* run.updateAll(
          run.find(message, (one) => one.id === id),
          () => true,
          () => ({ provider: text(provider), offer_at: run.now }),
        );
      return [];
    },

    *cancel_earlier_laps(run, parameters) {
      const laps = new Map(rowsOf(parameters).map(([runId, lap]) => [text(runId), Number(lap)]));
      return yield* calledOff(
        run,
        () => 'restarted',
        (one) => one.lap < (laps.get(one.run_id) ?? 0),
      );
    },

    *open_breakers(run) {
      return run
        .values(breaker, () => true)
        .map((one) => ({
          provider: one.provider,
          openedAt: new Date(one.opened_at),
          probeAt: new Date(one.probe_at),
          failedProbes: one.failed_probes,
          code: one.code,
        }));
    },

    *open_breaker(run, [provider, pause, code]) {
      const opened = {
        provider: text(provider),
        opened_at: run.now,
        probe_at: run.now + (interval(pause) ?? 0),
        failed_probes: 0,
      };
      return (yield* run.insert(breaker, { ...opened, code: text(code) }, 'do nothing')) ? [{ provider }] : [];
    },

    *take_probe(run, [provider, lasts]) {
      const isDue = (one: { provider: string; probe_at: number }): boolean =>
        one.provider === provider && one.probe_at <= run.now;
      const taken = yield* run.updateAll(run.find(breaker, isDue), isDue, () => ({ probe_at: run.now + (interval(lasts) ?? 0) }));
      return taken.map((one) => ({ provider: one.provider }));
    },

    *probe_failed(run, [provider, pause, code]) {
      yield* run.updateAll(
        run.find(breaker, (one) => one.provider === provider),
        () => true,
        (one) => ({ failed_probes: one.failed_probes + 1, probe_at: run.now + (interval(pause) ?? 0), code: text(code) }),
      );
      return [];
    },

    *close_breaker(run, [provider]) {
      const closed: { provider: string }[] = [];
      for (const { row } of run.find(breaker, (one) => one.provider === provider)) {
        if ((yield* run.lock(row, () => true)) === undefined) continue;
        run.delete(row);
        closed.push({ provider: text(provider) });
      }
      return closed;
    },

    *dlt_addresses() {
      return [];
    },

    *message_texts() {
      return [];
    },

    *cancel_messages(run, parameters) {
      const over = new Map(rowsOf(parameters).map(([runId, reason]) => [text(runId), text(reason)]));
      return yield* calledOff(
        run,
        (one) => over.get(one.run_id) as string,
        (one) => over.has(one.run_id),
      );
    },

    *messages_by_vendor_id(run, [provider, vendorIds]) {
      const wanted = new Set(list(vendorIds));
      return run
        .values(attempt, (one) => one.provider === provider && one.vendor_id !== null && wanted.has(one.vendor_id))
        .map((one) => ({ vendorId: one.vendor_id, messageId: one.message_id, fence: one.fence }));
    },

    *only_unknown_message(run, [provider, addressKeys]) {
      return [...new Set(list(addressKeys))].flatMap((addressKey) => {
        const open = run.values(
          message,
          (one) =>
            one.provider === provider &&
            one.address_key === addressKey &&
            (one.state === 'unknown' || one.state === 'calling') &&
            one.called_at !== null &&
            one.called_at > run.now - 3 * DAY,
        );
        return open.length === 1 ? [{ addressKey, messageId: (open[0] as Message).id, state: (open[0] as Message).state }] : [];
      });
    },

    *address_keys_of_messages(run, [ids]) {
      return among(run, ids, (one) => one.address_key !== null).map(({ values }) => ({
        id: values.id,
        addressKey: values.address_key,
      }));
    },

    *templates_of_messages(run, [ids]) {
      return among(run, ids).map(({ values }) => {
        const content = json(values.content) as { template?: string; language?: string } | null;
        const language = content?.language === undefined ? '' : `/${content.language}`;
        const before = content?.template === undefined ? null : `${content.template}${language}`;
        return { id: values.id, template: values.template ?? before };
      });
    },

    *lock_messages_to_hear(run, [ids]) {
      const locked: { id: string }[] = [];
      for (const { row } of among(run, ids)) {
        const one = yield* run.lock(row, () => true);
        if (one !== undefined) locked.push({ id: one.id });
      }
      return locked;
    },

    *messages_to_hear(run, [ids]) {
      return among(run, ids).map(({ values: one }) => {
        const stands = ({ kind, attempt: of }: { kind: string; attempt: number }): boolean =>
          kind !== 'failed' || of === (one.reopened ?? 0);
        const heard = run.values(receipt, (told) => told.message_id === one.id && stands(told)).map(({ kind }) => kind);
        return {
          id: one.id,
          runId: one.run_id,
          lap: one.lap,
          step: one.step,
          channel: one.channel,
          provider: one.provider,
          state: one.state,
          addressKey: one.address_key,
          reopened: one.reopened,
          isUntaken: one.reopened !== null && (one.reopened === one.fence || isSurelyUntaken(run, one)),
          earlier:
            one.reopened === null
              ? []
              : run
                  .values(earlier, (before) => before.message_id === one.id)
                  .map(({ fence }) => fence)
                  .sort((a, b) => a - b),
          heard,
        };
      });
    },

    *add_receipts(run, parameters) {
      const fresh: { id: string }[] = [];
      // The thirteenth is one for all: when they are heard.
      for (const row of rowsOf([...parameters.slice(0, 12), parameters[13]])) {
        const [id, messageId, provider, kind, at, vendorId, addressKey, meaning, scope, code, billing, reach] = row;
        const told = row[12];
        const inserted = yield* run.insert(
          receipt,
          {
            id: text(id),
            message_id: textOrNull(messageId),
            provider: text(provider),
            kind: text(kind),
            at: moment(at) as number,
            received_at: moment(parameters[12] as Element) as number,
            vendor_id: textOrNull(vendorId),
            address_key: textOrNull(addressKey),
            class: textOrNull(meaning),
            scope: textOrNull(scope),
            code: textOrNull(code),
            billing: textOrNull(billing),
            reach: textOrNull(reach),
            attempt: Number(told),
          },
          'do nothing',
        );
        if (inserted) fresh.push({ id: text(id) });
      }
      return fresh;
    },

    *set_states_after_receipts(run, parameters) {
      const set: Message[] = [];
      for (const [id, state, reason] of rowsOf(parameters)) {
        set.push(
          ...(yield* run.updateAll(
            run.find(message, (one) => one.id === id),
            () => true,
            () => ({ state: text(state), reason: textOrNull(reason), offer_at: null, not_before: null, lease_until: null }),
          )),
        );
      }
      return set.map(changed);
    },

    *parked_receipts(run, [receivedAt, last, limit]) {
      const from = receivedAt === '-infinity' ? Number.NEGATIVE_INFINITY : Number(receivedAt);
      return run
        .values(receipt, (one) => one.message_id === null && one.received_at > run.now - DAY)
        .filter((one) => one.received_at > from || (one.received_at === from && one.id > text(last)))
        .sort((a, b) => a.received_at - b.received_at || (a.id < b.id ? -1 : 1))
        .slice(0, Number(limit))
        .map((one) => ({ id: one.id, provider: one.provider, receivedAt: String(one.received_at) }));
    },

    *take_parked_receipts(run, [ids]) {
      const wanted = new Set(list(ids));
      const parked = run.find(receipt, (one) => wanted.has(one.id)).filter(({ row }) => run.isFree(row));
      return parked.flatMap(({ row, values: one }) => {
        const [known] = run.values(
          attempt,
          (call) => call.provider === one.provider && call.vendor_id !== null && call.vendor_id === one.vendor_id,
        );
        if (!known) return [];
        run.own(row);
        run.delete(row);
        return [
          {
            id: one.id,
            messageId: known.message_id,
            fence: known.fence,
            provider: one.provider,
            kind: one.kind,
            at: one.at,
            vendorId: one.vendor_id,
            class: one.class,
            scope: one.scope,
            code: one.code,
            billing: json(one.billing),
            reach: json(one.reach),
          },
        ];
      });
    },

    *take_parked_receipts_by_number(run, [ids]) {
      const wanted = new Set(list(ids));
      const isKnown = (one: ReturnType<typeof receipt.all>[number]): boolean =>
        one.vendor_id !== null &&
        run.values(attempt, (call) => call.provider === one.provider && call.vendor_id === one.vendor_id).length > 0;
      const isParked = (one: ReturnType<typeof receipt.all>[number]): boolean =>
        wanted.has(one.id) && one.message_id === null && one.address_key !== null && !isKnown(one);
      return run
        .find(receipt, isParked)
        .filter(({ row }) => run.isFree(row))
        .flatMap(({ row, values: one }) => {
          const open = run.values(
            message,
            ({ provider, address_key, state, called_at }) =>
              provider === one.provider &&
              address_key === one.address_key &&
              (state === 'unknown' || state === 'calling') &&
              called_at !== null &&
              called_at > run.now - 3 * DAY,
          );
          const [meant] = open;
          if (meant === undefined || open.length > 1 || meant.state !== 'unknown') return [];
          if (one.received_at < (meant.called_at as number)) return [];
          run.own(row);
          run.delete(row);
          return [
            {
              id: one.id,
              messageId: meant.id,
              provider: one.provider,
              kind: one.kind,
              at: one.at,
              vendorId: one.vendor_id,
              class: one.class,
              scope: one.scope,
              code: one.code,
              billing: json(one.billing),
              reach: json(one.reach),
            },
          ];
        });
    },

    *failures_of_addresses(run, parameters) {
      const counts = new Map<string, number>();
      for (const [key, code, withinMs] of rowsOf(parameters)) {
        const failures = run.values(
          receipt,
          (one) =>
            one.kind === 'failed' &&
            one.message_id !== null &&
            one.address_key === key &&
            one.code === code &&
            one.received_at > run.now - Number(withinMs),
        );
        if (failures.length > 0) counts.set(text(key), (counts.get(text(key)) ?? 0) + failures.length);
      }
      return [...counts].map(([key, count]) => ({ key, count }));
    },

    *strike_provider(run, [provider, scope, subject, marketingOnly, isHold, reason, code, lasts, needed]) {
      const now = run.now;
      const length = interval(lasts);
      const enough = length === null ? Number.POSITIVE_INFINITY : now + length;
      const struck = {
        provider: text(provider),
        scope: text(scope),
        subject: text(subject),
        marketing_only: marketingOnly === true,
        is_hold: isHold === true,
        reason: text(reason),
        code: text(code),
        since: now,
        strikes: 1,
        until: Number(needed) <= 1 ? enough : null,
      };
      const standing = yield* run.conflict(pause, struck);
      if (!standing) {
        yield* run.insert(pause, struck);
        return [];
      }
      const before = yield* run.lock(standing.row, () => true);
      if (before === undefined) return [];
      const isRecent = before.since >= now - 600_000;
      const isStanding = before.until !== null && before.until > now;
      const until = (): number | null => {
        if (struck.until !== null) return Math.max(struck.until, before.until ?? Number.NEGATIVE_INFINITY);
        return isRecent && before.strikes + 1 >= Number(needed) ? Number.POSITIVE_INFINITY : before.until;
      };
      const isOperators = isStanding && before.reason === 'operator';
      run.update(standing.row, {
        reason: isOperators ? before.reason : struck.reason,
        code: isOperators ? before.code : struck.code,
        strikes: isRecent ? before.strikes + 1 : 1,
        since: isStanding || isRecent ? before.since : now,
        until: until(),
      });
      return [];
    },

    *standing_pauses(run) {
      return run
        .values(pause, (one) => one.until !== null && one.until > run.now)
        .sort(byText((one) => `${one.provider} ${one.scope} ${one.subject}`))
        .map((one) => ({
          provider: one.provider,
          scope: one.scope,
          subject: one.subject,
          marketingOnly: one.marketing_only,
          isHold: one.is_hold,
          reason: one.reason,
          code: one.code,
          since: new Date(one.since),
          until: Number.isFinite(one.until) ? dateOrNull(one.until) : null,
        }));
    },

    /** No vendor of this world tells of its account: there is nothing to resume. */
    *resume_account() {
      return [];
    },

    *lift_pauses(run, [provider, scope, subject]) {
      const isMeant = (one: { provider: string; scope: string; subject: string }): boolean =>
        one.provider === provider && (scope == null || one.scope === scope) && (subject == null || one.subject === subject);
      const lifted: { provider: string; scope: string }[] = [];
      for (const { row } of run.find(pause, isMeant)) {
        const one = yield* run.lock(row, isMeant);
        if (one === undefined) continue;
        run.delete(row);
        lifted.push({ provider: one.provider, scope: one.scope });
      }
      return lifted;
    },

    *lift_mended_pauses(run, [provider]) {
      const isMeant = (one: { provider: string; scope: string; is_hold: boolean; reason: string }): boolean =>
        one.provider === provider && one.scope === 'provider' && !one.is_hold && one.reason === 'bad_credentials';
      const lifted: { provider: string }[] = [];
      for (const { row } of run.find(pause, isMeant)) {
        const one = yield* run.lock(row, isMeant);
        if (one === undefined) continue;
        run.delete(row);
        lifted.push({ provider: one.provider });
      }
      return lifted;
    },

    *set_send_stop(run, [scope, actor]) {
      const row = yield* run.insert(stop, { scope: text(scope), actor: text(actor), since: run.now }, 'do nothing');
      return row === undefined ? [] : [{ scope }];
    },

    *lift_send_stop(run, [scope]) {
      for (const { row } of run.find(stop, (one) => one.scope === scope)) {
        if ((yield* run.lock(row, () => true)) === undefined) continue;
        run.delete(row);
        return [{ scope }];
      }
      return [];
    },

    *dlt_templates() {
      return [];
    },
  };
}
