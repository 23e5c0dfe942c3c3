import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What customers agreed to and took back, what else forbids messages, and what is known of a person beside their addresses.
 * The ledger is only added to: what held at any moment can be read from it for ever. `seq` orders entries as they were
 * written; `at` is when the customer spoke. The same statement told twice is one entry.
 */
export class Consents1764000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table consent_entry (
        seq             bigint generated always as identity primary key,
        id              uuid not null unique,
        person_id       uuid not null,
        purpose         text not null,
        channel         text not null,
        state           text not null,
        at              timestamptz not null,
        recorded_at     timestamptz not null,
        source          text not null,
        notice_version  text,
        notice_language text,
        proof           bytea,
        import_id       uuid
      )`);
    await runner.query(`create unique index consent_once on consent_entry (person_id, purpose, channel, state, at, source)`);
    await runner.query(`
      create table suppression (
        id           uuid primary key,
        subject      uuid not null,
        subject_kind text not null,
        channel      text,
        purpose      text,
        reason       text not null,
        source       text not null,
        created_at   timestamptz not null,
        expires_at   timestamptz not null default 'infinity',
        lifted_at    timestamptz not null default 'infinity'
      )`);
    await runner.query(`create index suppression_of_subject on suppression (subject)`);
    await runner.query(`
      create table person_trait (
        person_id  uuid primary key references person (id),
        language   text,
        time_zone  text,
        minor      boolean not null default false,
        dnd        text not null default 'unknown',
        updated_at timestamptz not null
      )`);
    await runner.query(`
      create table inbound_message (
        channel     text not null,
        source_id   text not null,
        received_at timestamptz not null,
        primary key (channel, source_id)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
