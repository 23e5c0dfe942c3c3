import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Erasures, and which parts of Wapas have done theirs. A person who was erased stays as a row without a name under a random
 * id (the pseudonym that the send log keeps), and their identifiers as keyed hashes of kind `erased`: a later event is
 * recognised by them and makes nobody.
 */
export class Erasures1764000000122 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table erasure (
        id           uuid primary key,
        person_id    uuid not null unique,
        requested_at timestamptz not null,
        swept_at     timestamptz
      )`);
    await runner.query(`create index erasure_to_sweep on erasure (requested_at) where swept_at is null`);
    await runner.query(`
      create table erasure_part (
        erasure_id uuid not null,
        part       text not null,
        done_at    timestamptz not null,
        primary key (erasure_id, part)
      )`);
    await runner.query(`alter table person_identifier add column erased_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
