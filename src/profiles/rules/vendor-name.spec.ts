import { type EntityKey } from '@wapas/entity-keys';
import { type KnownIdentifier } from './resolve-people';
import { whoIsNamed } from './vendor-name';

const key = (text: string): EntityKey => text as EntityKey;
const known = (personId: string, kind: KnownIdentifier['kind'], value: string): KnownIdentifier => ({
  key: key(value),
  kind,
  personId,
});
const asha = [known('asha', 'customer', 'c1'), known('asha', 'phone', 'number')];
const bala = [known('bala', 'customer', 'c2'), known('bala', 'phone', 'number')];
const guest = [known('guest', 'phone', 'number')];

it.each<[string, readonly KnownIdentifier[], string[]]>([
  ['whoever has the number', asha, ['asha']],
  ['everybody who shares it', [...asha, ...bala, ...guest], ['asha', 'bala', 'guest']],
  ['only those who do not have the name yet', [...asha, ...bala, known('asha', 'whatsapp_id', 'name')], ['bala']],
  ['no guest where the name is somebody else’s', [...guest, known('carol', 'whatsapp_id', 'name')], []],
  ['a customer also then', [...asha, known('carol', 'whatsapp_id', 'name')], ['asha']],
  ['nobody at a number that nobody has', [known('carol', 'whatsapp_id', 'name')], []],
  ['nobody who was erased', [known('gone', 'erased', 'number')], []],
])('a vendor’s name is learnt of %s', (_what, book, expected) =>
  expect(whoIsNamed({ phone: key('number'), name: key('name') }, book)).toEqual(expected),
);
