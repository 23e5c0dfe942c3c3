import { type EntityKey } from '@wapas/entity-keys';
import { mayMerge, type MergeFacts } from './may-merge';

const by = (kind: string, key: string) => ({ kind, key: key as EntityKey });
const fine: MergeFacts = {
  guestId: 'guest',
  customerId: 'asha',
  guest: [by('phone', 'p:1'), by('email', 'e:1')],
  customer: [by('customer', 'c:asha'), by('phone', 'p:1')],
  holders: ['guest', 'asha'],
};

it.each<[string, Partial<MergeFacts>, boolean]>([
  ['a guest whose phone only this customer has', {}, true],
  ['a guest on a phone that a second customer has too', { holders: ['guest', 'asha', 'ravi'] }, false],
  ['a guest with a customer id of their own', { guest: [by('customer', 'c:ravi'), by('phone', 'p:1')] }, false],
  ['somebody who is no customer', { customer: [by('phone', 'p:1')] }, false],
  ['a customer who showed none of it', { customer: [by('customer', 'c:asha'), by('phone', 'p:2')] }, false],
  ['one who is merged already', { guest: [] }, false],
  ['one and the same', { customerId: 'guest' }, false],
])('%s', (_case, facts, merges) => expect(mayMerge({ ...fine, ...facts })).toBe(merges));
