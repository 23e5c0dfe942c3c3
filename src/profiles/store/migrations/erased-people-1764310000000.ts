import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * That somebody was erased stands in their own row, so that whoever writes down an identifier or an address of theirs asks under the
 * lock of that row, and keyed hashes of all they were known by stand with the erasure until its sweep. What came back to people who
 * had been erased before goes. Safe beside the previous version, which does not ask.
 */
export class ErasedPeople1764310000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table person add column erased_at timestamptz`);
    await runner.query(`alter table erasure add column keys uuid[] not null default '{}'`);
    await runner.query(`
      update person p set erased_at = e.requested_at, name = null, sealed_name = null
      from (select person_id as id, requested_at from erasure
            union select m.guest_id, e.requested_at from erasure e join person_merge m on m.person_id = e.person_id) e
      where p.id = e.id`);
    await runner.query(`
      update person_identifier i set kind = 'erased', erased_at = p.erased_at
      from person p where p.id = i.person_id and p.erased_at is not null and i.kind <> 'erased'`);
    await runner.query(`delete from person_address a using person p where p.id = a.person_id and p.erased_at is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
