import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How it came to be known who is who: who was met by which identifier, what they were recognised by later, and who lost a
 * device to whom. Keyed hashes and the events that said so, only added to. And what apps tell of their devices.
 */
export class Identity1764000000126 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table identity_entry (
        seq       bigint generated always as identity primary key,
        person_id uuid not null,
        what      text not null,
        kind      text not null,
        key       uuid not null,
        event_id  text,
        at        timestamptz not null
      )`);
    await runner.query(`create index identity_entry_of_person on identity_entry (person_id, seq)`);
    await runner.query(`
      alter table person_address add column token_kind text, add column permission text, add column app text`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
