import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Addresses are sealed from here on; `ending` is a keyed hash of a phone's last four digits, for whoever has no more of it.
 * What was stored before stays readable and is sealed by `npm run rotate-keys`. Not safe beside the version before: that one
 * cannot read what this one stores.
 */
export class SealedAddresses1764000000124 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table person_address alter column value drop not null, add column sealed bytea, add column ending uuid`,
    );
    await runner.query(`create index person_address_by_ending on person_address (ending) where ending is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
