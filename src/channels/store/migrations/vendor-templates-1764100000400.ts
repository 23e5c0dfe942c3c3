import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Templates as their vendors hold them, one row a translation, and when each vendor's list was read last; addresses as operators listed them. Safe beside the previous version. */
export class VendorTemplates1764100000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table vendor_template (
        provider   text not null,
        name       text not null,
        language   text not null,
        definition jsonb not null,
        changed_at timestamptz not null,
        primary key (provider, name, language)
      )`);
    await runner.query(`
      create table template_sync (
        provider    text primary key,
        synced_at   timestamptz,
        next_at     timestamptz not null,
        lease_until timestamptz,
        revision    bigint not null default 0,
        trouble     text
      )`);
    await runner.query(`
      create table dlt_address (
        kind      text not null,
        address   text not null,
        listed_at timestamptz not null,
        primary key (kind, address)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
