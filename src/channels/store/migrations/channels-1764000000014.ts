import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Messages, the calls made for them, and what was heard later. One message for each run, lap and step: the database says
 * so, not a check before an insert (P3). `due_at` and `not_after` are business time; leases and retries are real time.
 */
export class Channels1764000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table message (
        id          uuid primary key,
        run_id      uuid not null,
        lap         int not null,
        step        text not null,
        journey_key text not null,
        person_id   uuid not null,
        channel     text not null,
        provider    text,
        content     json not null,
        guard       json not null,
        test        boolean not null,
        state       text not null,
        reason      text,
        due_at      timestamptz not null,
        not_after   timestamptz not null,
        created_at  timestamptz not null,
        called_at   timestamptz,
        fence       int not null default 0,
        address_key uuid,
        vendor_id   text,
        lease_until timestamptz,
        not_before  timestamptz,
        offer_at    timestamptz
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query(`create unique index message_once on message (run_id, lap, step)`);
    await runner.query(`create index message_to_offer on message (offer_at) where state in ('planned', 'retryable')`);
    await runner.query(`create index message_leased on message (lease_until) where state = 'calling'`);
    await runner.query(`create index message_unknown on message (provider, address_key) where state in ('unknown', 'calling')`);
    await runner.query(`
      create table attempt (
        message_id  uuid not null,
        fence       int not null,
        provider    text not null,
        address_key uuid,
        started_at  timestamptz not null,
        ended_at    timestamptz not null,
        outcome     text not null,
        scope       text,
        code        text,
        detail      text,
        vendor_id   text,
        primary key (message_id, fence)
      )`);
    await runner.query(`create index attempt_by_vendor_id on attempt (provider, vendor_id) where vendor_id is not null`);
    await runner.query(`
      create table receipt (
        id          uuid primary key,
        message_id  uuid,
        provider    text not null,
        kind        text not null,
        at          timestamptz not null,
        received_at timestamptz not null,
        vendor_id   text,
        address_key uuid,
        class       text,
        scope       text,
        code        text
      )`);
    await runner.query(`create unique index receipt_once on receipt (message_id, kind) where message_id is not null`);
    await runner.query(`create index receipt_parked on receipt (received_at) where message_id is null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
