import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Guests who turned out to be a customer. The guest's row stays without a name: runs of before point at it until they are moved. */
export class Merges1764000000127 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table person_merge (
        guest_id  uuid primary key,
        person_id uuid not null,
        event_id  text not null,
        at        timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
