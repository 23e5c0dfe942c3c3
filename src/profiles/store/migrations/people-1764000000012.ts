import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * People, the identifiers they are known by (keyed hashes) and the addresses they can be reached at. A customer id names
 * one person; a phone may be shared, and two customers on one phone stay two people. An address that is of no use on one
 * channel may work on another: a number without WhatsApp still takes an SMS. `unit` is the first identifier a person was
 * known by: arms and variants hash it, so it never changes.
 */
export class People1764000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table person (
        id         uuid primary key,
        name       text,
        unit       uuid not null,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table person_identifier (
        key       uuid not null,
        kind      text not null,
        person_id uuid not null references person (id),
        primary key (key, person_id)
      )`);
    await runner.query(`create unique index person_identifier_one_customer on person_identifier (key) where kind = 'customer'`);
    await runner.query(`create index person_identifier_of_person on person_identifier (person_id)`);
    await runner.query(`
      create table person_address (
        person_id       uuid not null references person (id),
        kind            text not null,
        key             uuid not null,
        value           text not null,
        platform        text,
        last_seen_at    timestamptz not null,
        primary key (person_id, kind, key)
      )`);
    await runner.query(`create unique index person_address_one_owner on person_address (key) where kind = 'push_token'`);
    await runner.query(`
      create table address_block (
        key        uuid not null,
        channel    text not null,
        reason     text not null,
        blocked_at timestamptz not null,
        until      timestamptz not null default 'infinity',
        primary key (key, channel)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
