import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Where the team is told what happened, and every delivery to it. Address and secrets of an endpoint are sealed together, as is
 * what a delivery carries. `due_at`, `told_at` and what health is made of are real time; `created_at` is business time.
 */
export class Webhooks1764100000700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhook_endpoint (
        id            uuid primary key,
        sealed        bytea not null,
        kinds         text[] not null,
        description   text not null,
        state         text not null,
        off_because   text,
        created_at    timestamptz not null,
        failures      int not null default 0,
        failing_since timestamptz,
        rests_until   timestamptz
      )`);
    await runner.query(`
      create table webhook_delivery (
        id            uuid primary key,
        endpoint_id   uuid not null references webhook_endpoint on delete cascade,
        kind          text not null,
        created_at    timestamptz not null,
        content       bytea,
        subject       uuid,
        is_personal   boolean not null,
        state         text not null,
        tries         int not null default 0,
        told_at       timestamptz not null default clock_timestamp(),
        due_at        timestamptz,
        last_tried_at timestamptz,
        last_status   int,
        last_error    text,
        last_ms       int
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query(`create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at) where due_at is not null`);
    await runner.query(`create index webhook_delivery_of_endpoint on webhook_delivery (endpoint_id, id)`);
    await runner.query(`create index webhook_delivery_age on webhook_delivery (created_at)`);
    await runner.query(`create index webhook_delivery_parked on webhook_delivery (endpoint_id) where state = 'parked'`);
    await runner.query(`create index webhook_delivery_of_subject on webhook_delivery (subject) where subject is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
